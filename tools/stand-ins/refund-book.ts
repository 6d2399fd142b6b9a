import { type Kept, keptIn } from './kept.ts'
import { type Change, rewriteIn } from './provider-control.ts'

/** A book of payments and their refunds, each under the number that the merchant gave it. */

/** How the refunds of a payment behave. */
export interface Behaviour<Status extends string> {
  /** What each says until `after` ms have passed, and from then on; absent: it stays so. */
  readonly first: Status
  readonly later?: { readonly after: number; readonly status: Status }
  /** The code of the no to every refund. */
  readonly no?: string
  /** So many requests are turned away before anything, or are done and lose their answer. */
  readonly flaky?: number
  readonly lost?: number
}

/** What a payment's id begins with, and what that means; a number after it is `ms`, or how often. */
export type Behaviours<Status extends string> = Readonly<Record<string, (number: number) => Behaviour<Status>>>

/** `undefined`: there is no such payment. */
export const behaviourIn = <Status extends string>(
  behaviours: Behaviours<Status>,
  id: string,
): Behaviour<Status> | undefined => {
  const [, name = '', number = '0'] = /^([a-z]+)(?:_(\d+))?(?:_|$)/.exec(id) ?? []
  return Object.hasOwn(behaviours, name) ? behaviours[name]?.(Number(number)) : undefined
}

export interface Payment<Status extends string> {
  readonly id: string
  /** Minor units. */
  readonly amount: number
  readonly behaviour: Behaviour<Status>
}

export interface Refund<Status extends string> {
  /** The provider's own name of it, and the merchant's. */
  readonly id: string
  readonly number: string
  readonly payment: string
  /** Minor units. */
  readonly amount: number
  /** ms since the epoch. */
  readonly at: number
  status: Status
  next: Behaviour<Status>['later']
}

interface BookOptions<Status extends string> {
  readonly behaviours: Behaviours<Status>
  /** Those of which no money moved, or none will. */
  readonly failed: readonly Status[]
  /** ms since the epoch. */
  readonly now: () => number
  readonly kept?: Kept
  /** How its own names of refunds begin. */
  readonly prefix: string
}

/** Of more than any order, unless the payment's id says otherwise: `_of3351`. */
const typical = 99_999_999

export const createRefundBook = <Status extends string>(options: BookOptions<Status>) => {
  const { behaviours, failed, now, kept = keptIn(), prefix } = options
  const refunds = kept.list<Refund<Status>>('refunds')
  let entered = refunds.length

  /** A refund as it is now: nothing has to run for its time to come. */
  const asOfNow = (refund: Refund<Status>): Refund<Status> => {
    if (refund.next !== undefined && now() >= refund.at + refund.next.after) {
      refund.status = refund.next.status
      refund.next = undefined
    }
    return refund
  }
  const all = (): readonly Refund<Status>[] => refunds.map(asOfNow)
  const of = ({ id }: Payment<Status>) => all().filter(({ payment }) => payment === id)

  return {
    payment: (id: string): Payment<Status> | undefined => {
      const behaviour = behaviourIn(behaviours, id)
      const [, amount = typical] = /_of(\d+)/.exec(id) ?? []
      return behaviour && { id, amount: Number(amount), behaviour }
    },
    refunds: all,
    of,
    left: (payment: Payment<Status>): number =>
      of(payment).reduce((sum, { amount, status }) => (failed.includes(status) ? sum : sum - amount), payment.amount),
    byNumber: (number: string) => all().find((each) => each.number === number),
    find: (id: string) => all().find((each) => each.id === id),
    rewrite: (id: string, change: Change) => rewriteIn(refunds, id, change),
    enter: (
      { id: payment, behaviour }: Payment<Status>,
      asked: { readonly number: string; readonly amount: number },
    ) => {
      const { first: status, later: next } = behaviour
      const refund: Refund<Status> = { id: `${prefix}${++entered}`, payment, ...asked, at: now(), status, next }
      refunds.push(refund)
      return refund
    },
  }
}

export type RefundBook<Status extends string> = ReturnType<typeof createRefundBook<Status>>
