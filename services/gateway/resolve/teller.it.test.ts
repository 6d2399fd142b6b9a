import { migrate } from '@countermand/database'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually } from '@countermand/testing'
import { expect, inject, it } from 'vitest'
import { keep, learn, migrations } from '../store/store.ts'
import { startTeller } from './teller.ts'

const about = { type: 'refund.updated', occurredAt: '2026-11-20T10:00:00.000Z', about: 'refund', payments: [] } as const

it('what is learned while a notification is given up is seen all the same', async () => {
  const test = await createTestDatabase(inject('stack').databaseUrls.payment, 'teller')
  const { database } = test
  await migrate(database, migrations)
  const told: OutgoingMessage[] = []
  let isLearned = false
  const teller = startTeller({
    database,
    // Between looking for what is known and giving up, something is published: just then another process learns the name.
    publisher: {
      publish: async (messages) => {
        told.push(...messages)
        if (isLearned) return
        isLearned = true
        const name = { account: 'stripe-eu', kind: 'refund', reference: 'ref_1', orderId: 'ord-1', part: 't1' } as const
        await learn(database, [name])
      },
      healthy: () => true,
      refused: () => [],
      stop: async () => {},
    },
    patienceMs: 0,
    log: createLogger({ name: 'teller-test', level: 'silent' }),
  })
  const from = { account: 'stripe-eu', provider: 'stripe', traceparent: undefined }
  await keep(database, from, { ...about, eventId: 'evt_1', refundId: 'ref_1' })
  await eventually('it to be told', () => told.length > 0)
  expect(told.map(({ key }) => key)).toEqual(['ord-1'])
  await teller.stop()
  await test.drop()
})
