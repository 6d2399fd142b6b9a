import { keptMs, topics } from '@countermand/contracts'
import { readMessage } from '@countermand/kafka/reading.ts'
import { expect, it } from 'vitest'
import { checkAge } from './age.ts'

const now = Date.parse('2026-11-28T12:00:00Z')
const hourMs = 3_600_000

const delivery = (at: number) => {
  const read = readMessage('inventory', {
    topic: topics.inventoryStock,
    partition: 0,
    offset: '0',
    key: 'SKU-MUG',
    headers: { ce_specversion: '1.0', ce_id: 'd1', ce_source: '/warehouse', ce_type: 'stock.received.v1' },
    value: Buffer.from(JSON.stringify({ sku: 'SKU-MUG', quantity: 1, at: new Date(at).toISOString() })),
  })
  if (read.kind !== 'event') throw new Error('expected an event')
  return () => checkAge(read, now)
}

it('takes a delivery as long as a second one like it would be known', () => {
  for (const at of [now, now - keptMs.work + hourMs, now + hourMs]) expect(delivery(at)).not.toThrow()
})

it('refuses a delivery that may have been counted before the inbox forgot, with the reason', () => {
  expect(delivery(now - keptMs.work - hourMs)).toThrow(
    expect.objectContaining({
      reason: 'too-old',
      message: expect.stringContaining('of the last 7 days, got one of 2026-11-21'),
    }),
  )
})

it('refuses a delivery dated far ahead: it would look young when the inbox has forgotten it', () => {
  expect(delivery(now + 48 * hourMs)).toThrow(expect.objectContaining({ reason: 'invalid-data' }))
})

it('takes what its store knows by its name, however old it is', () => {
  const read = readMessage('payment', {
    topic: topics.creditUses,
    partition: 0,
    offset: '0',
    key: 'gift-1',
    headers: { ce_specversion: '1.0', ce_id: 'g1', ce_source: '/cards', ce_type: 'gift-card.changed.v1' },
    value: Buffer.from(JSON.stringify({ giftCardId: 'gift-1', status: 'expired', at: '2025-01-01T00:00:00Z' })),
  })
  if (read.kind !== 'event') throw new Error('expected an event')
  expect(() => checkAge(read, now, true)).not.toThrow()
})
