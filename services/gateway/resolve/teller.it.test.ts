import { type ChannelNotified, channelNotified } from '@countermand/contracts'
import { migrate } from '@countermand/database'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { keep, learn, migrations, type Reference } from '../store/store.ts'
import { startTeller, type Teller } from './teller.ts'

const at = '2026-11-20T10:00:00.000Z'
let test: TestDatabase
const opened: Teller[] = []
beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'teller')
  await migrate(test.database, migrations)
})
afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop()
})
afterAll(async () => {
  await test?.drop()
})

/** A teller with no patience; gives back what it tells. `onPublish`: what happens meanwhile. */
const open = (onPublish: () => Promise<void> = async () => {}): OutgoingMessage[] => {
  const told: OutgoingMessage[] = []
  const publish = async (messages: readonly OutgoingMessage[]) => {
    told.push(...messages)
    await onPublish()
  }
  const teller = startTeller({
    database: test.database,
    publisher: { publish, healthy: () => true, refused: () => [], stop: async () => {} },
    patienceMs: 0,
    log: createLogger({ name: 'teller-test', level: 'silent' }),
  })
  opened.push(teller)
  return told
}

it('what is learned while a notification is given up is seen all the same', async () => {
  const { database } = test
  let isLearned = false
  // Between looking for what is known and giving up, something is published: just then another process learns the name.
  const told = open(async () => {
    if (isLearned) return
    isLearned = true
    const name = { account: 'stripe-eu', kind: 'refund', reference: 'ref_1', orderId: 'ord-1', part: 't1' } as const
    await learn(database, [name])
  })
  const from = { account: 'stripe-eu', provider: 'stripe', traceparent: undefined }
  const about = { type: 'refund.updated', occurredAt: at, about: 'refund', payments: [] } as const
  await keep(database, from, { ...about, eventId: 'evt_1', refundId: 'ref_1' })
  await eventually('it to be told', () => told.length > 0)
  expect(told.map(({ key }) => key)).toEqual(['ord-1'])
})

it.each([
  ['order', 'capture', 'dispute', 'refund'],
  ['order', 'dispute', 'refund', 'capture'],
  ['dispute', 'capture', 'order', 'refund'],
  ['refund', 'dispute', 'order', 'capture'],
] as const)(
  'news of a capture is told of its order, which names the authorization: %s, %s, %s, %s',
  async (...steps) => {
    const { database } = test
    const account = `paypal-${steps.join('-')}`
    const told = open()
    const names: Reference[] = [{ account, kind: 'payment', reference: 'A1', orderId: account, part: 't1' }]
    const notice = (eventId: string, about: 'capture' | 'dispute' | 'refund', payments: readonly string[]) =>
      keep(
        database,
        { account, provider: 'paypal', traceparent: undefined },
        { ...{ eventId, type: about, occurredAt: at, about, payments, amount: 1391, currency: 'EUR' } },
      )
    const does = {
      order: () => learn(database, names),
      capture: () => notice('WH-1', 'capture', ['A1', 'C1']),
      dispute: () => notice('WH-2', 'dispute', ['C1']),
      refund: () => notice('WH-3', 'refund', ['C1']),
    }
    const waiting = async () =>
      (await sql`select 1 from notifications where account = ${account} and due_at is not null`.execute(database)).rows
    for (const step of steps) {
      await does[step]()
      await eventually('it to be told, or given up', async () => (await waiting()).length === 0)
    }
    const said = told.map(({ value }): ChannelNotified => channelNotified.parse(JSON.parse(String(value))))
    expect(new Set(said.map(({ kind }) => kind))).toEqual(new Set(['captured', 'dispute', 'foreign-refund']))
    expect(said).toEqual(said.map((each) => ({ ...each, orderId: account, tenderId: 't1', account })))
  },
)
