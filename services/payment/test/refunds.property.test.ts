import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { channels } from '../channels/index.ts'
import { mayBeByHand } from '../decide/by-hand.ts'
import type { AccountKind } from '../ledger/accounts.ts'
import { balancesOf } from '../ledger/posting.ts'
import {
  currentRefunds,
  goneOf,
  isClosedFor,
  isNotTaken,
  isSettledByHand,
  type Payment,
  type Refund,
  requestOf,
  reserved,
} from '../state.ts'
import { type Told, toldChannel } from './told-channel.ts'
import { createWorld } from './world.ts'

const told = fc.constantFrom<Told>(
  'succeeded',
  'succeeded',
  'pending',
  'received',
  'action-required',
  'nothing-captured',
  'refused',
  'key-dead',
  'before-anything',
  'setup',
  'outage',
  'lost-done',
  'lost-undone',
)
const elsewhere = fc.constantFrom(undefined, undefined, 'store-credit', 'bank-transfer')
const only = fc.constantFrom(undefined, undefined, undefined, 't0', 't1')
const request = fc.constantFrom('req-1', 'req-1', 'req-1', 'req-2')
const pick = fc.nat(9)

/** What may happen to a payment service, in any order. */
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('refund'), request, again: fc.boolean(), elsewhere, only }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('forbid'), request }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ what: fc.constant('skip'), request, others: fc.nat(7), only, unseen: fc.boolean() },
      /** Of how many rounds payment has not heard that came before the decision. */
      unheard: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reroute'), request, to: elsewhere }) },
  { weight: 10, arbitrary: fc.record({ what: fc.constant('run'), pick, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('start'), pick, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('finish'), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('turn'),
      pick,
      to: fc.constantFrom('succeeded', 'refused', 'key-dead', 'pending', 'action-required'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reverse'), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('claim'),
      pick,
      amount: fc.integer({ min: 1, max: 60 }),
      kind: fc.constantFrom('foreign-refund' as const, 'dispute' as const),
      dispute: fc.constantFrom('opened' as const, 'won' as const, 'lost' as const),
      ref: fc.constantFrom('c1', 'c1', 'c2'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('capture'), pick, less: fc.boolean() }) },
)

const tender = fc.record({
  channel: fc.constantFrom(
    'sandbox-card',
    'sandbox-card',
    'sandbox-wallet',
    'gift-card',
    'store-credit',
    'cash-on-delivery',
  ),
  amount: fc.integer({ min: 1, max: 100 }),
  /** Held when the order is placed, and taken later, or never. */
  state: fc.constantFrom(undefined, undefined, 'authorized' as const),
})

const course = fc.record({
  tenders: fc.array(tender, { minLength: 1, maxLength: 3 }),
  shares: fc.tuple(fc.nat(300), fc.nat(100)),
  refundTo: fc.constantFrom('original', 'store-credit'),
  fallback: fc.constantFrom('attention', 'store-credit', 'bank-transfer'),
  acceptAfter: fc.nat(3),
  /** Whether also those channels do as they are told that the ledger would hold. */
  everyRoute: fc.boolean(),
  happenings: fc.array(happening, { minLength: 5, maxLength: 60, size: 'max' }),
})
type Course = typeof course extends fc.Arbitrary<infer Value> ? Value : never
type Happening = Course['happenings'][number]

const failures = z.object({
  tenders: z.array(z.object({ tenderId: z.string(), state: z.string() })).default([]),
})

const isUnderWay = ({ state }: { readonly state: Told }): boolean =>
  state === 'pending' || state === 'received' || state === 'action-required'

const isLook = (payload: unknown): boolean => z.object({ lookOnly: z.string() }).safeParse(payload).success
/** The ledger itself gives it: what may not be given is found when it is posted. */
const isOurs = (channel: string, { destination }: Refund): boolean =>
  destination !== 'original' || channel === 'gift-card' || channel === 'store-credit'

const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(items.length, 1)]
const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0)

const play = (from: Course) => {
  const sandbox = toldChannel()
  const told = from.everyRoute ? { 'store-credit': sandbox.channel, 'bank-transfer': sandbox.channel } : {}
  const world = createWorld({ ...channels({ sandbox: sandbox.channel }), ...told })
  const tenders = from.tenders.map((each, index) => ({ tenderId: `t${index}`, paymentRef: `pay_${index}`, ...each }))
  const total = sum(tenders.map((each) => each.amount))
  const first = Math.min(from.shares[0], total)
  const amounts: Record<string, number> = { 'req-1': first, 'req-2': Math.min(from.shares[1], total) }
  const rounds: Record<string, number> = { 'req-1': 0, 'req-2': 0 }
  const running: (() => void)[] = []
  const rerouted = new Set<string>()
  const skips = new Map<string, Parameters<typeof world.close>[0]>()

  const forbidden = (requestId: string) =>
    world.replies.some((each) => each.requestId === requestId && each.type === 'NothingMoved')
  const keysOf = (requestId: string) =>
    (world.state()?.refunds ?? [])
      .filter((each) => each.requestId === requestId)
      .flatMap(({ idempotencyKey }) => sandbox.book.get(idempotencyKey) ?? [])
  const moving = (requestId: string) =>
    keysOf(requestId).filter(
      (booked) => isUnderWay(booked) || booked.state === 'succeeded' || booked.state === 'reversed',
    )

  const expectCallable = (refund: Refund | undefined) => {
    const tender = world.state()?.tenders.find(({ tenderId }) => tenderId === refund?.tenderId)
    if (tender !== undefined && refund !== undefined && goneOf(tender) > 0 && !isOurs(tender.channel, refund))
      expect(tender.refunded + goneOf(tender) + refund.amount, 'what is left').toBeLessThanOrEqual(tender.captured)
    const { requestId = '', tenderId = '' } = refund ?? {}
    const request = requestOf(world.state(), requestId)
    if (request?.status !== 'asked' || request.closed === undefined)
      return expect(forbidden(requestId), 'a call after NothingMoved').toBe(false)
    expect(isSettledByHand(request, tenderId), 'a call for what was given by hand').toBe(false)
    const closed = skips.get(requestId)?.of ?? 0
    expect(refund?.round, 'a call for a round that was closed').toBeGreaterThan(closed)
  }

  const start = async (id: string | undefined, what: Told) => {
    const task = world.tasks.get(id ?? '')
    if (id === undefined || task === undefined) return undefined
    const refund = world.state()?.refunds.find((each) => id.includes(each.refundId))
    if (task.kind === 'call-channel' && !isLook(task.payload)) expectCallable(refund)
    sandbox.tell(what)
    return world.start(id)
  }

  const ask = (requestId: string, again: boolean, elsewhere?: 'store-credit' | 'bank-transfer', tenderId?: string) => {
    const round = again ? Math.max(rounds[requestId] ?? 0, 1) : (rounds[requestId] ?? 0) + 1
    rounds[requestId] = round
    const { refundTo, fallback } = from
    const isKnown = currentOf(requestId).some((each) => each.tenderId === tenderId)
    const about = isKnown ? { tenderId } : {}
    world.refund({ requestId, round, amount: amounts[requestId] ?? 0, refundTo, fallback, elsewhere, ...about })
  }

  const currentOf = (requestId: string): Refund[] => {
    const state = world.state()
    return state === undefined ? [] : currentRefunds(state, requestId)
  }

  /** A person names what no channel will do, and of the rest what they have given by hand, as far as they knew how it was. */
  const isNamed = ({ tenderId, progress }: Refund, others: number) =>
    progress.state === 'planned' || progress.state === 'submitted' || ((others >> Number(tenderId.slice(1))) & 1) === 1

  /** About the whole refund a person decides once, and may be told again: what comes after that is a case of one tender. */
  const skip = (
    requestId: string,
    { others, unseen, unheard }: { others: number; unseen: boolean; unheard: number },
  ) => {
    // A request that was taken back has freed its money, and the next one may have planned with it.
    if (requestOf(world.state(), requestId)?.status === 'forbidden' && (world.state()?.requests.length ?? 0) > 1) return
    const known = currentOf(requestId)
    const named = known.filter((each) => isNamed(each, others)).map(({ tenderId, amount }) => ({ tenderId, amount }))
    // Who has not seen the tenders says it of all.
    const settled = known.length === 0 || unseen ? [{ amount: amounts[requestId] ?? 0 }] : named
    const decided = skips.get(requestId) ?? { requestId, of: Math.max(rounds[requestId] ?? 0, 1) + unheard, settled }
    skips.set(requestId, decided)
    world.close(decided)
  }

  /** The case of one tender, once the cancellation is over: what it still owes was given by hand, or it was paid twice. */
  const skipCase = (requestId: string, tender: string) => {
    const request = requestOf(world.state(), requestId)
    const refund = currentOf(requestId).find(({ tenderId }) => tenderId === tender)
    if (request?.status !== 'asked' || request.openRound !== undefined || refund === undefined) return
    const { state } = refund.progress
    if (request.closed === undefined || (state !== 'failed' && state !== 'reversed' && state !== 'succeeded')) return
    const of = rounds[requestId] ?? 1
    const settled = [{ tenderId: tender, amount: state === 'succeeded' ? 0 : refund.amount }]
    world.close({ requestId, of, name: `${state}.${refund.refundId}-do-${of}`, tenderId: tender, settled })
  }

  const reroute = (requestId: string, to: 'store-credit' | 'bank-transfer') => {
    // Of a case it is told by the round that it opens.
    if (skips.has(requestId)) return
    const of = Math.max(rounds[requestId] ?? 0, 1)
    rounds[requestId] = of
    rerouted.add(`${requestId}/${of}`)
    world.close({ requestId, of, decision: 'refund-elsewhere' })
    ask(requestId, false, to)
  }

  /** The shop takes what is held, or only what it heard that is left of it. */
  const capture = (which: number, less: boolean) => {
    const tender = at(world.state()?.tenders ?? [], which)
    if (tender !== undefined) world.capture(tender.tenderId, tender.captured - (less ? tender.refunded : 0))
  }

  /** Somebody gives money of a tender back, or claims it. */
  const claim = ({ pick, ref, ...about }: Extract<Happening, { ref: string }>) => {
    const tender = at(world.state()?.tenders ?? [], pick)
    if (tender === undefined) return
    const { tenderId } = tender
    world.notify({ ...about, tenderId, providerRef: `${tenderId}/${about.kind}/${ref}` })
  }

  const happen = async (each: Happening) => {
    if (each.what === 'refund' && 'again' in each) ask(each.request, each.again, each.elsewhere, each.only)
    else if (each.what === 'skip' && 'others' in each) {
      if (each.only === undefined) skip(each.request, each)
      else skipCase(each.request, each.only)
    } else if (each.what === 'reroute' && 'request' in each && 'to' in each)
      reroute(each.request, each.to ?? 'store-credit')
    else if (each.what === 'forbid' && 'request' in each)
      world.forbid(each.request, Math.max(rounds[each.request] ?? 0, 1))
    else if ('told' in each) {
      const finish = await start(at([...world.tasks.keys()], each.pick), each.told)
      if (each.what === 'run') finish?.()
      else if (finish !== undefined) running.push(finish)
    } else if ('dispute' in each) claim(each)
    else if ('less' in each) capture(each.pick, each.less)
    else if (each.what === 'finish' && 'pick' in each) running.splice(each.pick % Math.max(running.length, 1), 1)[0]?.()
    else if ('to' in each) {
      const booked = at([...sandbox.book.values()].filter(isUnderWay), each.pick)
      if (booked !== undefined) booked.state = each.to
    } else if ('pick' in each) {
      const booked = at(
        [...sandbox.book.values()].filter(({ state }) => state === 'succeeded'),
        each.pick,
      )
      if (booked !== undefined) booked.state = 'reversed'
    }
  }

  return {
    world,
    sandbox,
    tenders,
    amounts,
    rounds,
    rerouted,
    skips,
    running,
    forbidden,
    moving,
    start,
    ask,
    happen,
  }
}
type Play = ReturnType<typeof play>

/** Runs everything that is still to run, with channels that work. */
const quieten = async ({ world, sandbox, running, start }: Play) => {
  running.length = 0
  for (let runs = 0; runs < 200; runs++) {
    for (const booked of sandbox.book.values()) if (isUnderWay(booked)) booked.state = 'succeeded'
    const open = [...world.tasks.values()].filter(({ kind, payload }) => {
      const refund = world.state()?.refunds.find((each) => JSON.stringify(payload).includes(each.refundId))
      const booked = sandbox.book.get(refund?.idempotencyKey ?? '')
      return kind !== 'refund-overdue' && !(refund?.progress.state === 'succeeded' && booked?.state === 'succeeded')
    })
    if (open[0] === undefined) return
    const finish = await start(open[0].id, 'succeeded')
    finish?.()
  }
  throw new Error(`expected quiet after 200 runs, got tasks ${[...world.tasks.keys()].join()}`)
}

const moved = ({ world }: Play, tenderId: string, destination?: string) =>
  sum(
    (world.state()?.newPostings ?? [])
      .filter((each) => each.tenderId === tenderId && (destination === undefined || each.destination === destination))
      .map(({ event, amount }) => (event === 'succeeded' ? amount : event === 'reversed' ? -amount : 0)),
  )

/** The ledger says of each tender what its rows say: what is sold, on its way and with the provider, and each move once. */
const ledgerHolds = (state: Payment | undefined) => {
  const postings = state?.newPostings ?? []
  expect(new Set(postings.map(({ postingId }) => postingId)).size, 'each posting once').toBe(postings.length)
  for (const tender of state?.tenders ?? []) {
    const { tenderId, captured, refunded } = tender
    const balances = balancesOf(postings.filter((each) => each.tenderId === tenderId))
    const of = (...kinds: readonly AccountKind[]) =>
      sum([...balances].flatMap(([{ kind }, balance]) => (kinds.some((each) => each === kind) ? [balance] : [])))
    const underWay = (state?.refunds ?? []).filter(
      (each) => each.tenderId === tenderId && each.progress.state === 'pending',
    )
    const onItsWay = sum(underWay.map(({ amount }) => amount))
    expect(sum([...balances.values()]), 'the ledger adds up to nothing').toBe(0)
    expect(0 - of('in-transit'), 'in transit is what channels have accepted').toBe(onItsWay)
    expect(0 - of('sales'), 'sold is what is neither refunded nor on its way').toBe(captured - refunded - onItsWay)
    expect(of('suspense'), 'in suspense is what others gave back').toBe(goneOf(tender))
    const elsewhere = -of('store-credit', 'gift-card', 'bank')
    expect(of('provider', 'held') - elsewhere, 'what is left lies with who took it').toBe(
      captured - refunded - goneOf(tender),
    )
    if (!isNotTaken(tender)) expect(of('held'), 'nothing is held').toBe(0)
  }
}

const alwaysHolds = (played: Play) => {
  ledgerHolds(played.world.state())
  const { world, forbidden, moving, amounts, rounds } = played
  const state = world.state()
  for (const tender of state?.tenders ?? []) {
    expect(tender.refunded, 'the ledger says what is refunded').toBe(moved(played, tender.tenderId))
    expect(tender.refunded).toBeGreaterThanOrEqual(0)
    expect(tender.refunded + (state === undefined ? 0 : reserved(state, tender.tenderId))).toBeLessThanOrEqual(
      tender.captured,
    )
  }
  for (const requestId of ['req-1', 'req-2'])
    if (forbidden(requestId)) expect(moving(requestId), 'money after NothingMoved').toEqual([])
  const reply = world.replies.at(-1)
  if (reply?.type === 'RefundRefused' && reply.round === rounds[reply.requestId])
    expect(moving(reply.requestId), 'money after RefundRefused').toEqual([])
  if (reply?.type === 'RefundSettled') {
    const settled = (state?.refunds ?? []).filter((each) => each.requestId === reply.requestId && !each.replaced)
    expect(sum(settled.map((each) => each.amount))).toBe(amounts[reply.requestId])
  }
}

const finals = ({ world }: Play, requestId: string, round: number) =>
  new Set(
    world.replies
      .filter((each) => each.command === 'RefundOrder' && each.requestId === requestId && each.round === round)
      .filter((each) => each.type !== 'StepPending' && each.type !== 'Undone')
      .map((each) => JSON.stringify([each.type, each.data])),
  )

const inDoubt = ({ progress }: Refund) => progress.state === 'submitted' && progress.inDoubt

/** Whether a round that was opened since its request was closed was answered with this tender's failure: whoever asked for it knows. */
const isToldBy = ({ world, skips }: Play, requestId: string, tenderId: string): boolean =>
  world.replies
    .filter((each) => each.command === 'RefundOrder' && each.requestId === requestId)
    .filter(({ round }) => round > (skips.get(requestId)?.of ?? 0))
    .some(({ data }) =>
      failures.parse(data).tenders.some((each) => each.tenderId === tenderId && each.state === 'failed'),
    )

/** What a person has given by hand no channel pays too, unless somebody is told. */
const holdsOfClosed = (played: Play, requestId: string) => {
  const { world } = played
  const state = world.state()
  const request = requestOf(state, requestId)
  if (state === undefined || request?.status !== 'asked' || request.closed === undefined) return
  for (const refund of currentRefunds(state, requestId)) {
    const { refundId, tenderId, progress } = refund
    const means = world.published.flatMap(({ data }) => (data.refundId === refundId ? [data.afterClosing] : []))
    if (mayBeByHand(request, tenderId) && progress.state === 'succeeded')
      expect(means, `${tenderId} is paid twice`).toContain('twice')
    const isAnswered = isToldBy(played, requestId, tenderId)
    const isOver = isClosedFor(request, tenderId) && request.openRound === undefined && !isAnswered
    const owed = progress.state === 'failed' && isOver
    if (owed && !isSettledByHand(request, tenderId)) expect(means, `${tenderId} is owed`).toContain('owed')
  }
}

const holdsWhenQuiet = (played: Play) => {
  const { world, sandbox, tenders, rounds, rerouted } = played
  for (const { tenderId } of tenders) {
    if (world.state()?.refunds.some((each) => each.tenderId === tenderId && inDoubt(each))) continue
    const booked = [...sandbox.book.values()].filter(
      ({ call, state }) =>
        call.tenderId === tenderId &&
        call.destination === 'original' &&
        call.operation === 'refund' &&
        state === 'succeeded',
    )
    expect(moved(played, tenderId, 'original'), 'the ledger is what the channel says').toBe(
      sum(booked.map(({ call }) => call.amount)),
    )
  }
  for (const requestId of ['req-1', 'req-2']) {
    holdsOfClosed(played, requestId)
    const request = requestOf(world.state(), requestId)
    if (
      request?.status === 'asked' &&
      request.closed === undefined &&
      !rerouted.has(`${requestId}/${rounds[requestId]}`)
    )
      expect(finals(played, requestId, rounds[requestId] ?? 0).size, 'the last round is answered').toBe(1)
    for (let round = 1; round <= (rounds[requestId] ?? 0); round++)
      expect(finals(played, requestId, round).size).toBeLessThanOrEqual(1)
  }
  const ids = world.published.map((each) => each.id)
  expect(new Set(ids).size, 'each event has an id of its own').toBe(ids.length)
}

it('keeps its promises about money in any order of commands, results, losses and crashes', async () => {
  await fc.assert(
    fc.asyncProperty(course, async (from) => {
      const played = play(from)
      for (const [index, each] of from.happenings.entries()) {
        if (index === from.acceptAfter) played.world.accept(played.tenders)
        await played.happen(each)
        alwaysHolds(played)
      }
      if (played.world.state()?.currency === undefined) played.world.accept(played.tenders)
      await quieten(played)
      alwaysHolds(played)
      holdsWhenQuiet(played)
    }),
    { numRuns: 800 },
  )
})

it('settles in the end whatever was asked and not forbidden, once channels work', async () => {
  await fc.assert(
    fc.asyncProperty(course, async (from) => {
      const played = play(from)
      played.world.accept(played.tenders)
      // What others claim may never settle: a person sees to it.
      for (const each of from.happenings) if (!('dispute' in each)) await played.happen(each)
      await quieten(played)
      for (const requestId of ['req-1', 'req-2']) {
        const request = requestOf(played.world.state(), requestId)
        if (request?.status !== 'asked' || request.closed !== undefined) continue
        played.ask(requestId, false, 'bank-transfer')
        await quieten(played)
        const round = played.rounds[requestId] ?? 0
        const types = played.world.replies
          .filter((each) => each.requestId === requestId && each.round === round)
          .map((each) => each.type)
        // An attempt that was in doubt keeps the money from going elsewhere: it is found by a retry.
        if (types.includes('StepFailed')) {
          played.ask(requestId, false)
          await quieten(played)
        }
        alwaysHolds(played)
        holdsWhenQuiet(played)
        const last = played.world.replies.findLast(
          (each) => each.requestId === requestId && each.command === 'RefundOrder',
        )
        expect(['RefundSettled', 'RefundRefused', 'RefundStuck']).toContain(last?.type)
      }
    }),
    { numRuns: 200 },
  )
})
