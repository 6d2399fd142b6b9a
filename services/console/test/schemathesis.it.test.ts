import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { topics } from '@countermand/contracts'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { createBus, createTestDatabase, eventually } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { expect, inject, it } from 'vitest'
import { consoleService } from '../handlers.ts'
import { limitsOf, startShop } from '../http/shop.ts'
import { createKey, scope } from '../store/keys.ts'
import { load } from '../store/store.ts'
import { allowing } from '../webhooks/public-address.ts'
import { customers, orderId, requestId, wholeLife } from './given.ts'

/** Calls that schemathesis makes of the document, against the API as it runs. It is no part of `npm test`: `SCHEMATHESIS` names the program. */
const program = process.env.SCHEMATHESIS
const examples = process.env.SCHEMATHESIS_EXAMPLES ?? '50'

const ended = async (command: string, args: readonly string[]): Promise<{ code: unknown; said: string }> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const [code] = await once(child, 'close')
  return { code, said }
}

it.skipIf(program === undefined)(
  'the API does what its document says, whatever is called',
  async () => {
    const { kafkaBrokers, databaseUrls } = inject('stack')
    const db = await createTestDatabase(databaseUrls.console, 'console_schemathesis')
    const bus = await createBus({ brokers: kafkaBrokers, topics: [topics.cancelRequests] })
    const service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
    const log = createLogger({ name: 'schemathesis', level: 'silent' })
    const shop = await startShop({
      ...{
        service,
        databaseUrl: db.url,
        port: 0,
        host: '127.0.0.1',
        limits: limitsOf(100_000),
        proxies: [],
        customers,
      },
      ...{ allowed: allowing([]), log, metrics: createMetrics() },
    })
    try {
      await bus.send(wholeLife.map(({ type, data }) => bus.event(type, orderId, data)))
      await eventually('all of it to be heard', async () => {
        const known = (await load(db.database, [orderId])).get(orderId)
        return known?.told.get(requestId)?.length === wholeLife.length - 4
      })
      const key = await createKey(db.database, { name: 'all', scopes: scope.options, merchants: null, expiresAt: null })
      const document = fileURLToPath(new URL('../../../docs/openapi.yaml', import.meta.url))
      const { code, said } = await ended(program ?? '', [
        ...['run', document, '--url', `http://127.0.0.1:${shop.port}`, '--header', `Authorization: Bearer ${key}`],
        ...['--max-examples', examples, '--exclude-path', '/v1/cancellations/{requestId}/events', '--no-color'],
        // No schema says all that may be in a text (a cursor, JSON in a query, characters that cannot be kept), nor that null means absent.
        // What is too long is turned away before it is known who sends it.
        ...['--exclude-checks', 'positive_data_acceptance,negative_data_rejection,missing_required_header'],
      ])
      expect(code, said).toBe(0)
    } finally {
      await shop.close()
      await service.stop()
      await bus.stop()
      await db.drop()
    }
  },
  1_800_000,
)
