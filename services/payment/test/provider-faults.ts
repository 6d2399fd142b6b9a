import type { ChannelName } from '@countermand/contracts'
import type { Account } from '@countermand/providers/account.ts'
import { openHttp } from '@countermand/providers/http.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { channels, type Route } from '../channels/index.ts'
import { createWorld } from './world.ts'

/** A provider's stand-in, and what a test needs to know of it. */
export interface ProviderRig<Fault extends string> {
  readonly channel: Route & ChannelName
  /** That it gives back; absent: EUR. */
  readonly currency?: string
  /** What the payments that it plays are of, in minor units, where it has to be told; absent: it need not. */
  readonly paidTotal?: number
  readonly account: Pick<Account, 'settings' | 'secrets'>
  readonly url: () => string
  readonly tell: (what: string, body?: object) => Promise<unknown>
  readonly plan: (
    fault: Fault | '500-after',
    more?: { readonly match?: string; readonly times?: number },
  ) => Promise<unknown>
  readonly faults: readonly Fault[]
  /** Of the requests that a refund is asked for by. */
  readonly refundPath: string
  readonly keyLifeMs: number
  /** Payments, by how their refunds behave. */
  readonly paymentRef: (behaviour: string, number: number) => string
  readonly behaviours: { readonly ok: string; readonly lostOnce: string; readonly late: string }
  /** All refunds of a payment that the provider has; `moved`: minor units. */
  readonly refundsOf: (paymentRef: string) => Promise<readonly { readonly moved: number }[]>
  /** Absent: it takes all money at once. */
  readonly held?: {
    readonly behaviour: string
    /** Of the requests that a release is asked for by. */
    readonly releasePath: string
    /** A payment that is held is taken. */
    readonly capture: (paymentRef: string) => Promise<void>
  }
}

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
let payments = 0

/** Payment, the adapter and its way to the provider as they are. */
export const providerWorld = <Fault extends string>(rig: ProviderRig<Fault>, behaviour: string) => {
  let now = 0
  let baseUrl = rig.url()
  // What hangs is given up soon; what is merely slow here is asked again, and that is what this is about.
  const http = openHttp({ answerMs: 300, circuit: { now: () => now } })
  const name = `${rig.channel}-eu`
  const accounts = { find: () => ({ name, provider: rig.channel, baseUrl, ...rig.account }) }
  const patient = { stepAttempts: 12, stepBackoffMs: 1000, refundPatienceMs: 1e9 }
  // Its refund has an id of its own at a provider that all of these share.
  const requestId = `req-${rig.channel}-${++payments}`
  const named = () => ({ account: name, isNamed: true })
  const world = createWorld(channels({ sandbox: nobody, accounts, http }), patient, named, rig.currency)
  const paymentRef = rig.paymentRef(behaviour, payments)
  const held = behaviour === rig.held?.behaviour ? { state: 'authorized' as const } : {}
  const paid = rig.paidTotal === undefined ? {} : { paidTotal: rig.paidTotal }
  world.accept([{ tenderId: 't1', channel: rig.channel, amount: 100, paymentRef, ...held, ...paid }])
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
  const ask = (round: number) => world.refund({ requestId, round })
  /** Calls and looks, and a person asks again where that is wanted, until it has come to an end. */
  const toTheEnd = async (rounds = 4) => {
    for (let round = 1; round <= rounds && !isOver(); round++) {
      ask(round)
      for (let steps = 0; steps < 60 && !isOver() && (await step()); steps++);
    }
    return last()?.type
  }
  return {
    ...{ ...world, last, toTheEnd, step, paymentRef, ask },
    close: () => http.close(),
    /** Where the account says that the provider is. */
    moveTo: (url: string) => {
      baseUrl = url
    },
    progress: () => world.state()?.refunds[0]?.progress,
    moved: async () => (await rig.refundsOf(paymentRef)).reduce((sum, { moved }) => sum + moved, 0),
    made: async () => (await rig.refundsOf(paymentRef)).length,
    refunded: () => world.state()?.tenders[0]?.refunded,
    /** What nobody may come to read, in all that anybody may. */
    leaked: (): readonly string[] => {
      const written = JSON.stringify([seen, world.state(), world.replies, world.published, world.letters])
      const planted = [...rig.account.secrets.values()].flat().map((secret) => secret.reveal())
      return planted.filter((secret) => written.includes(secret))
    },
  }
}

type Given = (behaviour?: string) => ReturnType<typeof providerWorld>

const refunds = <Fault extends string>(rig: ProviderRig<Fault>, quick: readonly Fault[], given: Given) => {
  it.each(rig.faults)('meets %s, and the money moves once', async (fault) => {
    const world = given()
    await rig.plan(fault, { match: rig.refundPath })
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
    expect(world.leaked()).toEqual([])
  })

  it.each(quick)('meets %s three times, and the money moves once', async (fault) => {
    const world = given()
    await rig.plan(fault, { match: rig.refundPath, times: 3 })
    await world.toTheEnd()
    await rig.tell('DELETE /faults')
    expect(await world.toTheEnd(8)).toBe('RefundSettled')
    expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
  })
}

/** What its provider has made is nowhere taken for what was never sent. */
const expectRemembered = async ({ made, progress }: ReturnType<Given>) => {
  if ((await made()) > 0) expect(progress()).not.toMatchObject({ state: 'submitted', inDoubt: false, received: false })
}

const unsaid = <Fault extends string>(rig: ProviderRig<Fault>, quick: readonly Fault[], given: Given) => {
  it.each(quick)('is in doubt until it is said to be made, though %s comes next', async (fault) => {
    const world = given()
    await rig.plan(rig.faults.find((each) => each === 'unsaid') ?? '500-after', { match: rig.refundPath })
    await rig.plan(fault, { match: rig.refundPath })
    world.ask(1)
    for (let steps = 0; steps < 2 && (await world.step()); steps++) {
      expect(await world.made()).toBe(1)
      await expectRemembered(world)
    }
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
  })
}

const heldPayments = <Fault extends string>(
  rig: ProviderRig<Fault>,
  { behaviour, releasePath, capture }: NonNullable<ProviderRig<Fault>['held']>,
  given: Given,
) => {
  it.each(rig.faults)('is released through %s, and nothing moves', async (fault) => {
    const world = given(behaviour)
    await rig.plan(fault, { match: releasePath })
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect(await world.made()).toBe(0)
    expect(world.last()).toMatchObject({ data: { tenders: [{ destination: 'none', state: 'succeeded' }] } })
  })

  it.each(rig.faults)('and was taken meanwhile is given back once, through %s', async (fault) => {
    const world = given(behaviour)
    await capture(world.paymentRef)
    await rig.plan(fault, { match: rig.refundPath })
    await world.toTheEnd()
    expect(world.last()?.type).toBe('RefundSettled')
    // The stand-in's payments are of more, of which the order paid 100 with.
    expect([await world.moved(), await world.made()]).toEqual([100, 1])
  })
}

const outages = <Fault extends string>(rig: ProviderRig<Fault>, given: Given) => {
  it('costs no refund its attempts: each goes on by itself when it is back, and moves once', async () => {
    const world = given()
    // Nobody listens there.
    world.moveTo('http://127.0.0.1:1')
    world.ask(1)
    const began = Date.parse(world.now())
    while (Date.parse(world.now()) < began + 3_600_000) expect(await world.step()).toBe(true)
    expect(world.progress()).toMatchObject({ state: 'submitted', calling: true, inDoubt: false, attempts: 4 })
    expect(world.replies).toEqual([])
    world.moveTo(rig.url())
    while (await world.step()) if (world.last() !== undefined) break
    expect([world.last()?.type, await world.moved()]).toEqual(['RefundSettled', 100])
  })

  it('and answering with failures, is asked with the same key all the time', async () => {
    const world = given()
    await rig.plan('500-after', { match: rig.refundPath, times: 40 })
    world.ask(1)
    for (let steps = 0; steps < 40; steps++) await world.step()
    expect([world.last(), await world.moved()]).toEqual([undefined, 100])
    await rig.tell('DELETE /faults')
    while (await world.step()) if (world.last() !== undefined) break
    expect([world.last()?.type, await world.moved(), await world.made()]).toEqual(['RefundSettled', 100, 1])
  })
}

/** What holds of every provider, whatever goes wrong there: its own book shows what has moved. */
export const providerFaults = <Fault extends string>(rig: ProviderRig<Fault>) => {
  const { held } = rig
  const { ok, lostOnce, late } = rig.behaviours
  const worlds: { readonly close: () => Promise<void> }[] = []
  const given = (behaviour = ok) => {
    const world = providerWorld(rig, behaviour)
    worlds.push(world)
    return world
  }
  afterEach(async () => {
    await rig.tell('DELETE /faults')
    for (const world of worlds.splice(0)) await world.close()
  })
  /** Those that are over at once. */
  const quick = rig.faults.filter((fault) => !/hang|slow/.test(fault))

  describe('a refund', () => refunds(rig, quick, given))
  describe('a refund that was made, and not said to be', () => unsaid(rig, quick, given))
  if (held !== undefined) describe('a payment that is only held', () => heldPayments(rig, held, given))
  describe('a provider that is away for an hour', () => outages(rig, given))

  it('money moves once or never, through any faults, lost keys, waits and rounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(ok, lostOnce, late, ...(held === undefined ? [] : [held.behaviour])),
        fc.array(fc.constantFrom(...quick), { maxLength: 6 }),
        fc.array(fc.nat(3 * rig.keyLifeMs), { minLength: 1, maxLength: 3 }),
        async (behaviour, planned, waits) => {
          const world = given(behaviour)
          for (const fault of planned) await rig.plan(fault)
          for (const [index, wait] of waits.entries()) {
            world.ask(index + 1)
            for (let steps = 0; steps < 20 && (await world.step()); steps++);
            await expectRemembered(world)
            world.later(wait)
            // So long a key is remembered, and our clock counts from the first call.
            if (wait > rig.keyLifeMs) await rig.tell('POST /forget-keys')
          }
          await rig.tell('DELETE /faults')
          expect(await world.made()).toBeLessThanOrEqual(1)
          const settled = world.last()?.type === 'RefundSettled'
          if (settled)
            expect([await world.moved(), world.refunded()]).toEqual([behaviour === held?.behaviour ? 0 : 100, 100])
          if (world.last()?.type === 'RefundRefused') expect(await world.moved()).toBe(0)
          expect(world.leaked()).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  })
  return given
}
