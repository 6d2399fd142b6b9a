import type { ListedFee } from '../channels/channel.ts'
import type { Difference } from '../reconcile/compare.ts'
import type { Account, AccountKind } from './accounts.ts'
import { moves, type Posting, type PostingEvent } from './posting.ts'

/** What is posted of what a provider says: differences to suspense, until somebody has found out why, and fees. */

/** Money that a provider has moved and our books have not, in minor units; negative: our books have it, and it did not. */
export interface Unbooked {
  readonly amount: number
  readonly currency: string
}

export const unbooked = ({ kind, ours, theirs }: Difference): readonly Unbooked[] => {
  const said = [
    ...(theirs?.state === 'succeeded' ? [{ amount: theirs.amount, currency: theirs.currency }] : []),
    // What was given twice we have booked once, with the other one.
    ...(ours?.state === 'succeeded' && kind !== 'twice' && kind !== 'state'
      ? [{ amount: -ours.amount, currency: ours.currency }]
      : []),
  ]
  const sums = [...Map.groupBy(said, ({ currency }) => currency)].map(([currency, all]) => ({
    ...{ currency, amount: all.reduce((sum, { amount }) => sum + amount, 0) },
  }))
  return sums.filter(({ amount }) => amount !== 0)
}

type Event = Extract<PostingEvent, 'difference' | 'difference-gone' | 'explained' | 'fee'>

const post = (
  event: Event,
  parts: readonly string[],
  { amount, currency }: Unbooked,
  of: { readonly account: string; readonly merchantId?: string | undefined; readonly at: string },
): Posting => {
  const account = (kind: AccountKind): Account => ({
    ...{ kind, currency },
    owner: kind === 'sales' ? (of.merchantId ?? '') : of.account,
  })
  const { debit, credit } = moves[event]
  const [from, to] = amount > 0 ? [debit, credit] : [credit, debit]
  return {
    ...{ postingId: parts.map(encodeURIComponent).join('/'), event, amount: Math.abs(amount), at: of.at },
    ...{ tenderId: undefined, requestId: undefined, refundId: undefined, destination: undefined },
    ...{ debit: account(from), credit: account(to) },
  }
}

/** What is said of a difference, one word after another. */
export type Word = 'found' | 'gone' | 'resolved'

const events = { found: 'difference', gone: 'difference-gone', resolved: 'explained' } as const

/**
 * What moves with the `number`-th word about a difference. One that is claimed of its tender (`asClaim`) is in suspense by that: it is only
 * taken out of it.
 */
export const postWord = (
  differenceId: string,
  difference: Difference,
  { word, number, at }: { readonly word: Word; readonly number: number; readonly at: string },
): readonly Posting[] =>
  difference.asClaim && word !== 'resolved'
    ? []
    : unbooked(difference).map((each) =>
        post(events[word], [differenceId, String(number), word, each.currency], each, { ...difference, at }),
      )

export const postFee = (account: string, { providerRef, at, ...fee }: ListedFee): Posting =>
  post('fee', [account, providerRef, 'fee'], fee, { account, at })
