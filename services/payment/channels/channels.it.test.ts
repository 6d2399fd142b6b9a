import { migrate } from '@countermand/database'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { store } from '../store.ts'
import type { Route } from './channel.ts'
import { aCall, channelConformance, outcomeOf } from './conformance.ts'
import { type Channels, channels } from './index.ts'
import { openSandboxBook, type SandboxBook } from './sandbox-book.ts'

const routes: readonly Route[] = ['sandbox-card', 'sandbox-wallet', 'gift-card', 'store-credit', 'bank-transfer']
let test: TestDatabase
let book: SandboxBook
let all: Channels

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'channels')
  await migrate(test.database, store.migrations)
  book = openSandboxBook(test.url, () => {})
  all = channels(book)
})
afterAll(async () => {
  await book.close()
  await test.drop()
})

for (const route of routes) describe(`channel ${route}`, () => channelConformance(() => all[route]))

/** A tender that no other test has: the sandbox counts per tender. */
const tender = (paymentRef: string) =>
  aCall({ paymentRef, tenderId: paymentRef, idempotencyKey: `req-1/${paymentRef}` })
const moved = async (tenderId: string) => {
  const { rows } = await sql<{ moved: number }>`
    select coalesce(sum(amount) filter (where moves_at <= now()), 0)::bigint as moved
    from sandbox.channel_book where tender_id = ${tenderId}`.execute(test.database)
  return rows[0]?.moved
}
const outcomes = async (call: ReturnType<typeof tender>, calls: number) => {
  const seen: string[] = []
  for (let n = 0; n < calls; n++) seen.push(await outcomeOf(all['sandbox-card'], call))
  return seen
}
const becomes = (call: ReturnType<typeof tender>, outcome: string) =>
  eventually(
    `${call.paymentRef} to be ${outcome}`,
    async () => (await all['sandbox-card'].status(call)).outcome === outcome,
    5000,
  )

describe('the sandbox', () => {
  it('settles pay_slow after its time', async () => {
    const call = tender('pay_slow_300')
    expect(await outcomes(call, 1)).toEqual(['pending'])
    expect(await moved('pay_slow_300')).toBe(0)
    await becomes(call, 'succeeded')
    expect(await moved('pay_slow_300')).toBe(100)
  })

  it('refuses pay_refuse for good, and moves nothing', async () => {
    expect(await outcomes(tender('pay_refuse_1'), 2)).toEqual(['refused', 'refused'])
    expect(await moved('pay_refuse_1')).toBe(0)
  })

  it('fails pay_flaky as often as it says before anything is done, then succeeds', async () => {
    const call = tender('pay_flaky_2')
    expect(await outcomes(call, 2)).toEqual(['before-anything', 'before-anything'])
    expect(await moved('pay_flaky_2')).toBe(0)
    expect(await outcomes(call, 1)).toEqual(['succeeded'])
  })

  it('moves the money of pay_lost once, and loses its answer as often as it says', async () => {
    expect(await outcomes(tender('pay_lost_2'), 4)).toEqual(['unknown', 'unknown', 'succeeded', 'succeeded'])
    expect(await moved('pay_lost_2')).toBe(100)
  })

  it('accepts pay_late_refuse, and refuses it after its time', async () => {
    const call = tender('pay_late_refuse_300')
    expect(await outcomes(call, 1)).toEqual(['pending'])
    await becomes(call, 'refused')
    expect(await moved('pay_late_refuse_300')).toBe(0)
  })

  it('reverses pay_reverse after its time, and says until then that it may', async () => {
    const call = tender('pay_reverse_300')
    expect(await all['sandbox-card'].refund(call)).toEqual({ outcome: 'succeeded', reversible: true })
    await becomes(call, 'reversed')
  })

  it('is down for pay_down until a second round', async () => {
    const call = tender('pay_down_1')
    expect(await outcomes(call, 2)).toEqual(['before-anything', 'before-anything'])
    expect(await outcomes({ ...call, round: 2 }, 1)).toEqual(['succeeded'])
  })

  it('treats any other reference as pay_ok', async () => {
    expect(await outcomes(tender('ch_3Nf8'), 1)).toEqual(['succeeded'])
  })

  it('does not take a key with other parameters', async () => {
    const call = tender('pay_ok_key')
    await all['sandbox-card'].refund(call)
    await expect(all['sandbox-card'].refund({ ...call, amount: 99 })).rejects.toThrow(/expected key/)
    expect(await moved('pay_ok_key')).toBe(100)
  })

  it('moves money once when the same refund is asked for many times at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => all['sandbox-card'].refund(tender('pay_ok_many'))))
    expect(await moved('pay_ok_many')).toBe(100)
  })
})
