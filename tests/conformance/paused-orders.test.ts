import { setTimeout as sleep } from 'node:timers/promises'
import { events, type ServiceName } from '@countermand/contracts'
import type { AnyService, RunningService, RunOptions } from '@countermand/service'
import { createBus, createTestDatabase, eventually } from '@countermand/testing'
import { startConversation } from '@countermand/testing/conformance/conversation.ts'
import { roles } from '@countermand/testing/conformance/index.ts'
import { agreeable } from '@countermand/testing/conformance/sample-orders.ts'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterEach, expect, inject, it } from 'vitest'
import { inventory } from '../../services/inventory/handlers.ts'
import { carriers } from '../../services/logistics/carriers/index.ts'
import { openSandboxBook as openCarrierBook } from '../../services/logistics/carriers/sandbox-book.ts'
import { logistics } from '../../services/logistics/handlers.ts'
import { order } from '../../services/order/handlers.ts'
import { samplePolicies } from '../../services/order/test/given.ts'
import { channels } from '../../services/payment/channels/index.ts'
import { openSandboxBook as openChannelBook } from '../../services/payment/channels/sandbox-book.ts'
import { payment } from '../../services/payment/handlers.ts'

const orderPatience = 20_000
const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

/** In this process, so that one of its consumers can be paused. */
const run = async <State>(
  definition: AnyService<State>,
  around: Pick<RunOptions<unknown>, 'database' | 'kafka'>,
): Promise<RunningService> => {
  const service = await startService(definition, { bus: around, db: around }, { orderPatience })
  cleanUp.push(service.stop)
  return service
}

const start = (service: ServiceName, url: string, around: Parameters<typeof run>[1]): Promise<RunningService> => {
  switch (service) {
    case 'order':
      return run(order(samplePolicies()), around)
    case 'inventory':
      return run(inventory({ initialStock: 1000 }), around)
    case 'logistics': {
      const { book, close } = openCarrierBook(url, () => undefined)
      cleanUp.push(close)
      const settings = {
        stepAttempts: 3,
        undoAttempts: 3,
        stepBackoffMs: 50,
        interceptPatienceMs: 60_000,
        holdPatienceMs: 60_000,
        labelPatienceMs: 60_000,
      }
      return run(logistics({ ...settings, orderPatienceMs: orderPatience }, carriers({ sandbox: book })), around)
    }
    case 'payment': {
      const book = openChannelBook(url, () => undefined)
      cleanUp.push(book.close)
      const settings = { stepAttempts: 3, stepBackoffMs: 50, refundPatienceMs: 60_000 }
      return run(payment(settings, channels({ sandbox: book })), around)
    }
  }
}

it.for(['order', 'inventory', 'logistics', 'payment'] as const)(
  'the %s service answers a command whose order waits in a topic that it does not read for a while, once it reads it',
  async (name) => {
    const stack = inject('stack')
    const role = roles[name]
    const [step] = role.steps
    const test = await createTestDatabase(stack.databaseUrls[name], `paused_${name}`)
    cleanUp.push(test.drop)
    const bus = await createBus({ brokers: stack.kafkaBrokers, topics: ['saga.replies.v1'] })
    cleanUp.push(bus.stop)
    const talk = startConversation(bus, role)
    const service = await start(name, test.url, { database: test.database, kafka: bus.kafka })
    const topic = events[name === 'order' ? 'order.placed.v1' : 'order.accepted.v1'].topic
    const ids = talk.newIds()
    const has = async (table: 'waiting' | 'inbox') =>
      (await sql`select 1 from ${sql.table(table)}`.execute(test.database)).rows.length > 0

    service.pause([topic])
    // A fetch that is under way may still bring messages of the topic: it takes 200 ms at most.
    await sleep(1_000)
    const asked = talk.question(step, ids)
    await bus.send([role.arrival(bus, agreeable(ids.orderId)), asked.message])
    await eventually('the command to wait', () => has('waiting'))
    await sleep(500)
    expect(await has('inbox')).toBe(false)
    expect(talk.heard(asked)).toEqual([])
    service.resume([topic])
    expect((await talk.final(asked)).type).toBe(step.yes)
    expect(await has('waiting')).toBe(false)
  },
)
