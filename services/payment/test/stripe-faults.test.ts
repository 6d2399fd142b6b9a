import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { type RequestFault, requestFaults } from '@countermand/tools/stand-ins/faults.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/stripe/started.ts'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { createWorld } from './world.ts'

/** Payment, the adapter and its way to Stripe as they are, whatever goes wrong there: the stand-in's book shows what has moved. */

const apiKey = 'sk_test_planted_in_faults'
let standIn: StartedStandIn
beforeAll(async () => {
  standIn = await startStandIn({ apiKey })
  await standIn.tell('POST /settings', { slowMs: 1_000 })
})
afterAll(() => standIn.close())

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  await standIn.tell('DELETE /faults')
  for (const close of closing.splice(0)) await close()
})

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const accountFor = () => ({ account: 'stripe-eu', isNamed: true })
let payments = 0

const given = (behaviour = 'ok') => {
  let now = 0
  let baseUrl = standIn.url
  // What hangs is given up soon; what is merely slow here is asked again, and that is what this is about.
  const http = openHttp({ answerMs: 300, circuit: { now: () => now } })
  closing.push(() => http.close())
  const accounts = {
    find: (name: string) => ({
      ...{ name, provider: 'stripe', baseUrl, settings: {} },
      secrets: new Map([['apiKey', [new Secret(apiKey)]]]),
    }),
    nameFor: () => 'stripe-eu',
  }
  const patient = { stepAttempts: 12, stepBackoffMs: 1000, refundPatienceMs: 1e9 }
  // Its refund has an id of its own at a provider that all of these share.
  const requestId = `req-${++payments}`
  const world = createWorld(channels({ sandbox: nobody, accounts, http }), patient, accountFor)
  const paymentRef = `pi_${behaviour}_f${payments}`
  const held = behaviour === 'held' ? { state: 'authorized' as const } : {}
  world.accept([{ tenderId: 't1', channel: 'stripe', amount: 100, paymentRef, ...held }])
  const seen: string[] = []
  const step = async () => {
    const next = [...world.tasks.values()].filter(({ kind }) => kind === 'call-channel' || kind === 'poll-refund')
    const [first] = next.toSorted((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt))
    if (first === undefined) return false
    world.later(Math.max(0, Date.parse(first.dueAt) - Date.parse(world.now())))
    now = Date.parse(world.now())
    seen.push(JSON.stringify(first))
    const finish = await world.start(first.id)
    finish()
    return true
  }
  const last = () => world.replies.at(-1)
  const isOver = () => /RefundSettled|RefundRefused/.test(last()?.type ?? '')
  /** Calls and looks, and a person asks again where that is wanted, until it has come to an end. */
  const toTheEnd = async (rounds = 4) => {
    for (let round = 1; round <= rounds && !isOver(); round++) {
      world.refund({ requestId, round })
      for (let steps = 0; steps < 60 && !isOver() && (await step()); steps++);
    }
    return last()?.type
  }
  const ours = async () => (await standIn.refunds()).filter(({ payment }) => payment === paymentRef)
  return {
    ...{ ...world, last, toTheEnd, step, paymentRef },
    ask: (round: number) => world.refund({ requestId, round }),
    /** Where the account says that Stripe is. */
    moveTo: (url: string) => {
      baseUrl = url
    },
    progress: () => world.state()?.refunds[0]?.progress,
    moved: async () =>
      (await ours()).reduce((sum, { amount, status }) => (status === 'succeeded' ? sum + amount : sum), 0),
    made: async () => (await ours()).length,
    refunded: () => world.state()?.tenders[0]?.refunded,
    /** All that anybody may come to read. */
    written: () => JSON.stringify([seen, world.state(), world.replies, world.published, world.letters]),
  }
}

const faults = [...requestFaults]
/** Those that are over at once. */
const quick = faults.filter((fault) => !/hang|slow/.test(fault))

describe('a refund', () => {
  it.each(faults)('meets %s, and the money moves once', async (fault) => {
    const world = given()
    await standIn.plan(fault, { match: 'POST /v1/refunds' })
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
    expect(world.written()).not.toContain(apiKey)
  })

  it.each(quick)('meets %s three times, and the money moves once', async (fault) => {
    const world = given()
    await standIn.plan(fault, { match: 'POST /v1/refunds', times: 3 })
    await world.toTheEnd()
    await standIn.tell('DELETE /faults')
    expect(await world.toTheEnd(8)).toBe('RefundSettled')
    expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
  })
})

describe('a payment that is only held', () => {
  it.each(faults)('is released through %s, and nothing moves', async (fault) => {
    const world = given('held')
    await standIn.plan(fault, { match: '/cancel' })
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect(await world.made()).toBe(0)
    expect(world.last()).toMatchObject({ data: { tenders: [{ destination: 'none', state: 'succeeded' }] } })
  })

  it.each(faults)('and was taken meanwhile is given back once, through %s', async (fault) => {
    const world = given('held')
    const stripe = {
      authorization: `Bearer ${apiKey}`,
      'stripe-version': '2026-10-28.endive',
      'idempotency-key': world.paymentRef,
    }
    const capture = `${standIn.url}/v1/payment_intents/${world.paymentRef}/capture`
    expect((await fetch(capture, { method: 'POST', headers: stripe, body: '' })).status).toBe(200)
    await standIn.plan(fault, { match: 'POST /v1/refunds' })
    await world.toTheEnd()
    expect(world.last()?.type).toBe('RefundSettled')
    // The stand-in's payments are of 1000, of which the order paid 100 with.
    expect([await world.moved(), await world.made()]).toEqual([100, 1])
  })
})

describe('Stripe, away for an hour,', () => {
  it('costs no refund its attempts: each goes on by itself when it is back, and moves once', async () => {
    const world = given()
    // Nobody listens there.
    world.moveTo('http://127.0.0.1:1')
    world.ask(1)
    const began = Date.parse(world.now())
    while (Date.parse(world.now()) < began + 3_600_000) expect(await world.step()).toBe(true)
    expect(world.progress()).toMatchObject({ state: 'submitted', calling: true, inDoubt: false, attempts: 4 })
    expect(world.replies).toEqual([])
    world.moveTo(standIn.url)
    while (await world.step()) if (world.last() !== undefined) break
    expect([world.last()?.type, await world.moved()]).toEqual(['RefundSettled', 100])
  })

  it('and answering with failures, is asked with the same key all the time', async () => {
    const world = given()
    await standIn.plan('500-after', { match: 'POST /v1/refunds', times: 40 })
    world.ask(1)
    for (let steps = 0; steps < 40; steps++) await world.step()
    expect([world.last(), await world.moved()]).toEqual([undefined, 100])
    await standIn.tell('DELETE /faults')
    while (await world.step()) if (world.last() !== undefined) break
    expect([world.last()?.type, await world.moved(), await world.made()]).toEqual(['RefundSettled', 100, 1])
  })
})

describe('a refund that waits for money at the merchant for four days', () => {
  it('is neither failed nor done, and then it is done', async () => {
    const world = given('funds_345600000')
    world.ask(1)
    for (let looks = 0; looks < 6; looks++) await world.step()
    expect(world.progress()).toEqual({ state: 'pending', waitsFor: { why: 'no-funds' } })
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    await standIn.tell('POST /settings', { aheadMs: 345_600_000 })
    await world.step()
    expect([world.last()?.type, await world.moved(), world.refunded()]).toEqual(['RefundSettled', 100, 100])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})

describe('what Stripe refuses', () => {
  it.each(['disputed', 'unrefundable', 'poor', 'fail', 'latefail_0'])('%s moves nothing', async (behaviour) => {
    const world = given(behaviour)
    await world.toTheEnd(1)
    expect(world.last()?.type).toMatch(/RefundRefused|RefundStuck/)
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
  })

  it('a refund that somebody else has made of all of it, is no refund of ours', async () => {
    const world = given('ok_of100')
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'stripe-version': '2026-10-28.endive',
      'idempotency-key': world.paymentRef,
    }
    const body = new URLSearchParams({ payment_intent: world.paymentRef, amount: '100' })
    await fetch(`${standIn.url}/v1/refunds`, { method: 'POST', headers, body })
    expect(await world.toTheEnd(1)).toBe('RefundRefused')
    expect([await world.made(), world.refunded()]).toEqual([1, 0])
  })
})

const day = 86_400_000
it('moves money once or never, through any faults, lost keys, waits and rounds', async () => {
  const anyFault = fc.constantFrom<RequestFault>(...quick)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('ok', 'held', 'lost_1', 'late_0'),
      fc.array(anyFault, { maxLength: 6 }),
      fc.array(fc.nat(3 * day), { minLength: 1, maxLength: 3 }),
      async (behaviour, planned, waits) => {
        const world = given(behaviour)
        for (const fault of planned) await standIn.plan(fault)
        for (const [index, wait] of waits.entries()) {
          world.ask(index + 1)
          for (let steps = 0; steps < 20 && (await world.step()); steps++);
          world.later(wait)
          // A key is remembered for a day, and our clock counts from the first call.
          if (wait > day) await standIn.tell('POST /forget-keys')
        }
        await standIn.tell('DELETE /faults')
        expect(await world.made()).toBeLessThanOrEqual(1)
        const settled = world.last()?.type === 'RefundSettled'
        if (settled) expect([await world.moved(), world.refunded()]).toEqual([behaviour === 'held' ? 0 : 100, 100])
        if (world.last()?.type === 'RefundRefused') expect(await world.moved()).toBe(0)
        expect(world.written()).not.toContain(apiKey)
      },
    ),
    { numRuns: 25 },
  )
})
