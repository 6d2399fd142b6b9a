import { existsSync } from 'node:fs'
import { migrate } from '@countermand/database'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { store } from '../store/store.ts'
import {
  aCall,
  channelConformance,
  listingConformance,
  outcomeOf,
  outsideConformance,
  sandboxAsks,
  unheard,
  type WholeRig,
} from './conformance.ts'
import { type Channels, channels, type Route, routes } from './index.ts'
import { openSandboxBook, type SandboxBook } from './sandbox-book.ts'

let test: TestDatabase
let book: SandboxBook
let all: Channels

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'channels')
  await migrate(test.database, store.migrations)
  book = openSandboxBook(test.url, () => {})
  all = channels({ sandbox: book })
})
afterAll(async () => {
  await book.close()
  await test.drop()
})

const movedByKey = async ({ idempotencyKey }: { readonly idempotencyKey: string }) => {
  const { rows } = await sql<{ moved: number }>`
    select coalesce(sum(amount) filter (where moves_at <= now() and (reverses_at > now() or reverses_at is null)), 0)::bigint
      as moved from sandbox.channel_book where idempotency_key = ${idempotencyKey}`.execute(test.database)
  return rows[0]?.moved ?? 0
}
const sandboxes = ['sandbox-card', 'sandbox-wallet'] as const
describe.each(sandboxes)('channel %s', (route) => {
  const rig: WholeRig = {
    open: () => all[route],
    openSilent: () => channels(unheard(book))[route],
    moved: movedByKey,
    until: eventually,
    asks: sandboxAsks,
  }
  outsideConformance(rig)
  // More than a page of the book.
  listingConformance({ ...rig, many: 510 })
})

const nobody = { refund: () => Promise.reject(new Error('closed')), status: () => Promise.reject(new Error('closed')) }
/** Of these our ledger's row is the money's move, so that nothing outside can be lost, late or refused. */
const held = routes.filter((route) => channels({ sandbox: nobody })[route].heldByLedger === true)
describe.each(held)('channel %s', (route) => channelConformance(() => all[route], sandboxAsks.done))

it('every other channel is held to the suite of those that somebody else moves money for, here or in a file of its own', () => {
  const here: readonly string[] = [...held, ...sandboxes]
  const isTested = (route: Route) =>
    here.includes(route) ||
    [`${route}.it.test.ts`, `${route}.test.ts`].some((file) => existsSync(new URL(file, import.meta.url)))
  expect(routes.filter((route) => !isTested(route))).toEqual([])
  expect(held).toContain('gift-card')
})

it('a sandbox that cannot be reached is away: no attempt is counted, as with a real provider', async () => {
  // Nobody listens on port 1.
  const away = openSandboxBook('postgres://countermand@127.0.0.1:1/nobody', () => {})
  const card = channels({ sandbox: away })['sandbox-card']
  const facts = { reached: 'unknown', facts: { trouble: 'outage', retryAfterMs: 1_000 } }
  await expect(card.refund(aCall({}))).rejects.toMatchObject(facts)
  await expect(card.status(aCall({}))).rejects.toMatchObject(facts)
  await away.close()
})

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
    expect(await all['sandbox-card'].refund(call)).toMatchObject({
      ...{ outcome: 'succeeded', reversibleUntil: expect.any(String) },
    })
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
})
