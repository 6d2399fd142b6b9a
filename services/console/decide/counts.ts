import type { Cancellation, Case } from '../state.ts'

/** What reports count: of each request a few facts, none of which says whose it is. Sums of them stay when the request is forgotten. */

export const countKinds = ['request', 'refund', 'decision', 'feedback'] as const

/** So many facts that are summed by the same. */
export interface Count {
  readonly kind: (typeof countKinds)[number]
  /** On which it was asked for: `2026-11-20`, in UTC. */
  readonly day: string
  /** Empty: not known, as wherever a text is. */
  readonly merchant: string
  readonly market: string
  readonly reason: string
  readonly initiator: string
  /** Of a request its outcome, or `open`; of a refund its state; of a decision `approve` or `reject`. */
  readonly outcome: string
  /** Of a request why it was refused; of a refund that came `late`; of a decision whose word it was. */
  readonly code: string
  /** Of a refund. */
  readonly channel: string
  readonly currency: string
  /** Of how long it took ({@link bucketOf}); of feedback the score; −1: nothing that was measured. */
  readonly bucket: number
  /** How many they are. */
  readonly n: number
  /** What they come to, in minor units. */
  readonly amount: number
}

const perDoubling = 4
/** Times by their logarithm: each bucket is a fifth wider than the one before it. */
export const bucketOf = (ms: number): number => Math.max(0, Math.ceil(perDoubling * Math.log2(Math.max(1, ms / 1_000))))
/** In the middle of a bucket, in seconds: at most a tenth away from what was measured. */
export const secondsOf = (bucket: number): number => 2 ** ((bucket - 0.5) / perDoubling)

const silence = 'policy:silence'
const whoseWord = (by: string): string => (by === silence ? 'silence' : by === 'operator' ? 'operator' : 'merchant')

const between = (from: string, to: string): number => bucketOf(Math.max(0, Date.parse(to) - Date.parse(from)))

/**
 * What a request counts as by now. `known`: what it counted as before, which is remembered where an order is forgotten before its request is.
 * `score`: what its customer thought of it.
 */
export const countsOf = (
  now: Cancellation,
  { order }: Pick<Case, 'order'>,
  known: readonly Count[] = [],
  score?: number,
): Count[] => {
  const { askedAt, reason, initiator, outcome, code = '', amount = 0, currency = '', refunds, decided } = now
  const one = {
    day: new Date(askedAt).toISOString().slice(0, 10),
    merchant: now.merchantId ?? order?.placed.merchantId ?? known[0]?.merchant ?? '',
    market: order?.placed.market ?? known[0]?.market ?? '',
    ...{ reason: reason.code, initiator: initiator.kind, code: '', channel: '', n: 1 },
  }
  const given = score ?? known.find(({ kind }) => kind === 'feedback')?.bucket
  return [
    { ...one, kind: 'request', outcome: outcome ?? 'open', code, currency, amount, bucket: -1 },
    ...refunds.map((refund): Count => {
      const { channel, state, expectedBy, at } = refund
      const isBack = state === 'succeeded'
      const isLate = isBack && expectedBy !== undefined && Date.parse(at) > Date.parse(expectedBy)
      return {
        ...{ ...one, kind: 'refund', outcome: state, code: isLate ? 'late' : '', channel },
        ...{ currency: refund.currency, amount: refund.amount, bucket: isBack ? between(askedAt, at) : -1 },
      }
    }),
    ...(decided === undefined
      ? []
      : [
          {
            ...{ ...one, kind: 'decision' as const, outcome: decided.decision, code: whoseWord(decided.by) },
            ...{ currency, amount, bucket: between(askedAt, decided.at) },
          },
        ]),
    ...(given === undefined
      ? []
      : [{ ...one, kind: 'feedback' as const, outcome: outcome ?? 'open', currency: '', amount: 0, bucket: given }]),
  ]
}

const nameOf = ({ n: _, amount: __, ...key }: Count): string => JSON.stringify(Object.entries(key).toSorted())

/** Sums of the same key; of what comes to nothing there is nothing. */
export const summed = (all: readonly Count[]): Count[] => {
  const sums = new Map<string, Count>()
  for (const each of all) {
    const before = sums.get(nameOf(each))
    const { n, amount } = before ?? { n: 0, amount: 0 }
    sums.set(nameOf(each), { ...each, n: n + each.n, amount: amount + each.amount })
  }
  return [...sums.values()].filter(({ n, amount }) => n !== 0 || amount !== 0)
}

/** What has to be added, so that it counts as it does now and no longer as before. */
export const changeOf = (before: readonly Count[], now: readonly Count[]): Count[] =>
  summed([...now, ...before.map((each) => ({ ...each, n: -each.n, amount: -each.amount }))])
