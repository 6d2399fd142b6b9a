import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { card, givenToldEverywhere } from './given.ts'
import type { Told } from './told-channel.ts'

/**
 * The refund of one request, and that of the next one: whatever of the first comes late, or is asked for once more. The channel refuses a key
 * that it knows with other content, so that a call of the one is never taken for one of the other.
 */

const [first, second] = ['req-1', 'req-2']

const told = fc.constantFrom<Told>(
  ...(['succeeded', 'succeeded', 'pending', 'received', 'refused', 'key-dead'] as const),
  ...(['before-anything', 'lost-done', 'lost-undone'] as const),
)
const place = fc.nat({ max: 3 })
const round = fc.integer({ min: 1, max: 3 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('ask' as const), round }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('forbid' as const), round }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('run' as const), place, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('start' as const), place, told }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('finish' as const), place }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
const course = fc.record({
  amounts: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 }),
  /** Of the whole order, in hundredths: what the first request takes. */
  share: fc.integer({ min: 1, max: 100 }),
  before: fc.array(step, { maxLength: 14 }),
  after: fc.array(step, { maxLength: 14 }),
})

const sum = (amounts: readonly number[]): number => amounts.reduce((one, other) => one + other, 0)

const openPlay = (amounts: readonly number[]) => {
  const world = givenToldEverywhere(...amounts.map((amount, index) => card(`t${index}`, amount)))
  const running: (() => void)[] = []
  const asked = new Map<string, number>()

  const start = async (at: number, what: Told): Promise<(() => void) | undefined> => {
    const ids = [...world.tasks.values()].filter(({ leased }) => !leased).map(({ id }) => id)
    const id = ids[at % Math.max(ids.length, 1)]
    if (id === undefined) return undefined
    world.tell(what)
    return world.start(id)
  }
  const ask = (requestId: string, of: number, elsewhere?: 'bank-transfer') =>
    world.refund({ requestId, round: of, amount: asked.get(requestId) ?? 0, ...(elsewhere && { elsewhere }) })
  const lastOf = (requestId: string) => world.replies.findLast((each) => each.requestId === requestId)

  /** All that is to do is done, by channels that work, whatever of it is due. */
  const quieten = async () => {
    while (running.length > 0) running.shift()?.()
    for (const booked of world.book.values())
      if (booked.state === 'pending' || booked.state === 'received') booked.state = 'succeeded'
    for (let runs = 0; runs < 100; runs++) {
      // A refund that is over is watched for a reversal, and one that is overdue is not asked about here.
      const open = [...world.tasks.values()].find(({ id, kind }) => {
        const refund = world.state()?.refunds.find((each) => id.includes(each.refundId))
        return kind !== 'refund-overdue' && refund?.progress.state !== 'succeeded'
      })
      if (open === undefined) return
      world.tell('succeeded')
      const finish = await world.start(open.id)
      finish()
    }
    throw new Error(`expected quiet after 100 runs, got ${[...world.tasks.keys()].join()}`)
  }

  return {
    world,
    asked,
    ask,
    quieten,
    take: async (requestId: string, each: Step) => {
      switch (each.what) {
        case 'ask':
          return ask(requestId, each.round)
        case 'forbid':
          return world.forbid(requestId, each.round)
        case 'run':
          return (await start(each.place, each.told))?.()
        case 'start': {
          const finish = await start(each.place, each.told)
          if (finish !== undefined) running.push(finish)
          return
        }
        case 'finish':
          running.splice(each.place % Math.max(running.length, 1), 1)[0]?.()
      }
    },
    /** As a saga goes on with it, and its operator: round after round, and elsewhere where its channel will not. */
    settle: async (requestId: string, from: number) => {
      for (let of = from; of < from + 8; of++) {
        const isRefused = ['RefundRefused', 'RefundStuck'].includes(lastOf(requestId)?.type ?? '')
        ask(requestId, of, isRefused ? 'bank-transfer' : undefined)
        await quieten()
        if (lastOf(requestId)?.type === 'RefundSettled') return
      }
      throw new Error(`expected ${requestId} to settle within eight rounds, got ${JSON.stringify(lastOf(requestId))}`)
    },
    /** What channels have given, by their own books. */
    given: (requestId: string, tenderId?: string): number =>
      sum(
        (world.state()?.refunds ?? [])
          .filter((each) => each.requestId === requestId && (tenderId ?? each.tenderId) === each.tenderId)
          .flatMap(({ idempotencyKey }) => world.book.get(idempotencyKey) ?? [])
          .flatMap(({ state, call }) => (state === 'succeeded' ? [call.amount] : [])),
      ),
  }
}

describe('two requests, one after the other', () => {
  it('get each its own money and no other, whatever of the first comes late', () =>
    fc.assert(
      fc.asyncProperty(course, async ({ amounts, share, before, after }) => {
        const play = openPlay(amounts)
        const total = sum(amounts)
        const firsts = Math.max(1, Math.floor((total * share) / 100))
        play.asked.set(first, firsts)
        for (const each of before) await play.take(first, each)
        play.world.forbid(first, 9)
        // Who is told that money has moved goes forward; only what is left is the next request's then.
        const hasMoved = play.world.last()?.type === 'MoneyMoved'
        if (hasMoved) await play.settle(first, 10)
        const seconds = hasMoved ? total - firsts : total
        if (seconds === 0) return
        play.asked.set(second, seconds)
        play.ask(second, 1)
        for (const each of after) await play.take(first, each)
        await play.quieten()
        await play.settle(second, 2)
        expect(play.given(first), 'of the first').toBe(hasMoved ? firsts : 0)
        expect(play.given(second), 'of the second').toBe(seconds)
        for (const [place, amount] of amounts.entries())
          expect(play.given(first, `t${place}`) + play.given(second, `t${place}`)).toBeLessThanOrEqual(amount)
        const keys = (play.world.state()?.refunds ?? []).map(({ idempotencyKey }) => idempotencyKey)
        expect(new Set(keys).size, 'each operation has a key of its own').toBe(keys.length)
        expect(play.world.letters).toEqual([])
      }),
      { numRuns: 1_500 },
    ))
})
