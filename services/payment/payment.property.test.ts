import fc from 'fast-check'
import { expect, it } from 'vitest'
import { channels } from './channels/index.ts'
import { type Told, toldChannel } from './channels/told-channel.ts'
import { createWorld } from './payment-world.ts'
import { type Refund, reserved } from './refund.ts'

const told = fc.constantFrom<Told>(
  'succeeded',
  'succeeded',
  'pending',
  'refused',
  'key-dead',
  'before-anything',
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
  { weight: 10, arbitrary: fc.record({ what: fc.constant('run'), pick, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('start'), pick, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('finish'), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('turn'), pick, to: fc.constantFrom('succeeded', 'refused', 'key-dead') }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reverse'), pick }) },
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
})

const course = fc.record({
  tenders: fc.array(tender, { minLength: 1, maxLength: 3 }),
  shares: fc.tuple(fc.nat(300), fc.nat(100)),
  refundTo: fc.constantFrom('original', 'store-credit'),
  fallback: fc.constantFrom('attention', 'store-credit', 'bank-transfer'),
  acceptAfter: fc.nat(3),
  happenings: fc.array(happening, { minLength: 5, maxLength: 60, size: 'max' }),
})
type Course = typeof course extends fc.Arbitrary<infer Value> ? Value : never
type Happening = Course['happenings'][number]

const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(items.length, 1)]
const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0)

const play = (from: Course) => {
  const sandbox = toldChannel()
  const world = createWorld({ ...channels(sandbox.channel) })
  const tenders = from.tenders.map((each, index) => ({ tenderId: `t${index}`, paymentRef: `pay_${index}`, ...each }))
  const total = sum(tenders.map((each) => each.amount))
  const first = Math.min(from.shares[0], total)
  const amounts: Record<string, number> = { 'req-1': first, 'req-2': Math.min(from.shares[1], total) }
  const rounds: Record<string, number> = { 'req-1': 0, 'req-2': 0 }
  const running: (() => void)[] = []

  const forbidden = (requestId: string) =>
    world.replies.some((each) => each.requestId === requestId && each.type === 'NothingMoved')
  const keysOf = (requestId: string) =>
    [...sandbox.book].filter(([key]) => key.startsWith(`${requestId}/`)).map(([, booked]) => booked)
  const moving = (requestId: string) =>
    keysOf(requestId).filter(({ state }) => state === 'succeeded' || state === 'pending' || state === 'reversed')

  const start = async (id: string | undefined, what: Told) => {
    const task = world.tasks.get(id ?? '')
    if (id === undefined || task === undefined) return undefined
    const refund = world.state()?.refunds.find((each) => id.includes(each.refundId))
    if (task.kind === 'call-channel')
      expect(forbidden(refund?.requestId ?? ''), 'a call after NothingMoved').toBe(false)
    sandbox.tell(what)
    return world.start(id)
  }

  const ask = (requestId: string, again: boolean, elsewhere?: 'store-credit' | 'bank-transfer', tenderId?: string) => {
    const round = again ? Math.max(rounds[requestId] ?? 0, 1) : (rounds[requestId] ?? 0) + 1
    rounds[requestId] = round
    const { refundTo, fallback } = from
    world.refund({ requestId, round, amount: amounts[requestId] ?? 0, refundTo, fallback, elsewhere, tenderId })
  }

  const happen = async (each: Happening) => {
    if (each.what === 'refund' && 'again' in each) ask(each.request, each.again, each.elsewhere, each.only)
    else if (each.what === 'forbid' && 'request' in each)
      world.forbid(each.request, Math.max(rounds[each.request] ?? 0, 1))
    else if ('told' in each) {
      const finish = await start(at([...world.tasks.keys()], each.pick), each.told)
      if (each.what === 'run') finish?.()
      else if (finish !== undefined) running.push(finish)
    } else if (each.what === 'finish' && 'pick' in each)
      running.splice(each.pick % Math.max(running.length, 1), 1)[0]?.()
    else if ('to' in each) {
      const booked = at(
        [...sandbox.book.values()].filter(({ state }) => state === 'pending'),
        each.pick,
      )
      if (booked !== undefined) booked.state = each.to
    } else if ('pick' in each) {
      const booked = at(
        [...sandbox.book.values()].filter(({ state }) => state === 'succeeded'),
        each.pick,
      )
      if (booked !== undefined) booked.state = 'reversed'
    }
  }

  return { world, sandbox, tenders, amounts, rounds, running, forbidden, moving, start, ask, happen }
}
type Play = ReturnType<typeof play>

/** Runs everything that is still to run, with channels that work. */
const quieten = async ({ world, sandbox, running, start }: Play) => {
  running.length = 0
  for (let runs = 0; runs < 200; runs++) {
    for (const booked of sandbox.book.values()) if (booked.state === 'pending') booked.state = 'succeeded'
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
    (world.state()?.newEntries ?? [])
      .filter((each) => each.tenderId === tenderId && (destination === undefined || each.destination === destination))
      .map(({ kind, amount }) => (kind === 'refund' ? amount : kind === 'reversal' ? -amount : 0)),
  )

const alwaysHolds = (played: Play) => {
  const { world, forbidden, moving, amounts } = played
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
  if (reply?.type === 'RefundRefused') expect(moving(reply.requestId), 'money after RefundRefused').toEqual([])
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

const holdsWhenQuiet = (played: Play) => {
  const { world, sandbox, tenders, rounds } = played
  for (const { tenderId } of tenders) {
    if (world.state()?.refunds.some((each) => each.tenderId === tenderId && inDoubt(each))) continue
    const booked = [...sandbox.book.values()].filter(
      ({ call, state }) => call.tenderId === tenderId && state === 'succeeded',
    )
    expect(moved(played, tenderId, 'original'), 'the ledger is what the channel says').toBe(
      sum(booked.map(({ call }) => call.amount)),
    )
  }
  for (const requestId of ['req-1', 'req-2']) {
    const request = world.state()?.requests.find((each) => each.requestId === requestId)
    if (request?.status === 'asked')
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
      for (const each of from.happenings) await played.happen(each)
      await quieten(played)
      for (const requestId of ['req-1', 'req-2']) {
        if (played.world.state()?.requests.find((each) => each.requestId === requestId)?.status !== 'asked') continue
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
