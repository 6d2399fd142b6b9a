import type { Listed, ListedRefund, Span } from '../channels/channel.ts'
import type { Claim, Progress, Refund } from '../state.ts'

/** Our books against what a provider says: what is the same, what is on its way, and each difference. Amounts in minor units, times ISO 8601. */

/** A refund as our books have it. */
export interface Booked
  extends Pick<
    Refund,
    'refundId' | 'idempotencyKey' | 'tenderId' | 'amount' | 'currency' | 'destination' | 'providerRef' | 'firstAskedAt'
  > {
  readonly orderId: string
  readonly merchantId: string | undefined
  /** With which its tender was paid; absent: that is not known. */
  readonly account: string | undefined
  readonly state: Progress['state']
  /** When the ledger had it succeed. */
  readonly settledAt: string | undefined
  /** When the ledger last had anything of it. */
  readonly movedAt: string | undefined
}

/** A tender as its provider knows it. */
export interface Paid {
  readonly orderId: string
  readonly tenderId: string
  readonly merchantId: string | undefined
  readonly paymentRef: string
  readonly currency: string
  /** With which it was paid; absent: that is not known. */
  readonly account: string | undefined
  /** What others gave back of it, as far as it is known. */
  readonly claims: readonly Claim[]
}

/** What both sides say of an account. The list reaches beyond the span on both sides; our books have in them whatever is in it. */
export interface Sides {
  readonly account: string
  /** What is compared. */
  readonly span: Span
  readonly listed: readonly Listed[]
  /** When the provider was asked: what our books have settled since, it could not say. */
  readonly listedAt: string
  readonly booked: readonly Booked[]
  readonly paid: readonly Paid[]
}

/**
 * `missing-there`: we say that it succeeded, and the provider does not have it. `missing-here`: the provider gave money back, and nobody here
 * asked for it. `amount`, `currency`: it was another. `twice`: for one refund of ours the provider has given money back again. `state`: one
 * says that money moved, and the other that it did not.
 */
export const differenceKinds = ['missing-there', 'missing-here', 'amount', 'currency', 'twice', 'state'] as const
export type DifferenceKind = (typeof differenceKinds)[number]

/** What a side says of a refund. */
export interface Said {
  readonly amount: number
  readonly currency: string
  readonly state: string
}

export interface Difference {
  readonly account: string
  readonly kind: DifferenceKind
  readonly orderId: string | undefined
  readonly tenderId: string | undefined
  readonly merchantId: string | undefined
  readonly refundId: string | undefined
  readonly providerRef: string | undefined
  readonly ours: Said | undefined
  readonly theirs: Said | undefined
  /** Since when the provider has it; what it does not have: when it was first asked for. */
  readonly at: string
  /** Somebody else gave back of a tender of ours: that is claimed of it, so that so much less is left. */
  readonly asClaim: boolean
}

export interface Comparison {
  readonly matched: number
  /** Begun, and not settled on both sides yet: no difference. */
  readonly inFlight: number
  /** Refunds of payments that are not ours. */
  readonly others: number
  readonly differences: readonly Difference[]
  /** Refunds of ours of which the provider knows more: they are to be looked at. */
  readonly looks: readonly Booked[]
  /** Up to when the provider's list has all: what came later is not judged. */
  readonly until: string
  /** What somebody gave back in the provider's own pages and came to nothing since. */
  readonly undone: readonly { readonly paid: Paid; readonly refund: ListedRefund }[]
}

export const isIn = ({ from, to }: Span, at: string): boolean =>
  Date.parse(at) >= Date.parse(from) && Date.parse(at) < Date.parse(to)

const hourMs = 3_600_000
/** A provider has a refund later than we first ask for it, by the rounds that it took, and never before, but for its clock. */
const overlap = { beforeMs: hourMs, afterMs: 7 * 24 * hourMs }

/** How far the list reaches for what our books have in the span. */
export const wider = ({ from, to }: Span): Span => ({
  from: new Date(Date.parse(from) - overlap.beforeMs).toISOString(),
  to: new Date(Date.parse(to) + overlap.afterMs).toISOString(),
})

/** A name that only we give. */
const isOurName = (name: string | undefined): boolean => name !== undefined && /^ref_[0-9a-f]{24}$/.test(name)

const refundsIn = (listed: readonly Listed[]): ListedRefund[] => {
  const refunds = listed.flatMap((each) => (each.kind === 'refund' ? [each] : []))
  // A list that grows while it is read may tell one twice.
  return [...new Map(refunds.map((each) => [each.providerRef, each])).values()]
}

const saidOf = ({ amount, currency, state }: Said): Said => ({ amount, currency, state })

/** Whose word it is can claim it of a tender: of the account that it was paid with, in its currency. */
const isClaim = (
  kind: DifferenceKind,
  of: Pick<Paid, 'currency' | 'account'> | undefined,
  { account, refund }: { readonly account: string; readonly refund: ListedRefund | undefined },
): boolean =>
  (kind === 'missing-here' || kind === 'twice') &&
  of !== undefined &&
  refund?.currency === of.currency &&
  (of.account ?? account) === account

const differenceOf = (
  account: string,
  kind: DifferenceKind,
  of: {
    readonly booked?: Booked | undefined
    readonly paid?: Paid | undefined
    readonly refund?: ListedRefund | undefined
    readonly merchantId?: string | undefined
  },
): Difference => {
  const { booked, refund, paid, merchantId } = of
  return {
    ...{ account, kind },
    orderId: booked?.orderId ?? paid?.orderId,
    tenderId: booked?.tenderId ?? paid?.tenderId,
    merchantId: booked?.merchantId ?? merchantId,
    refundId: booked?.refundId ?? refund?.askedAs,
    providerRef: refund?.providerRef ?? booked?.providerRef,
    ours: booked && saidOf(booked),
    theirs: refund && saidOf(refund),
    at: refund?.at ?? booked?.firstAskedAt ?? '',
    asClaim: isClaim(kind, kind === 'twice' ? booked : paid, { account, refund }),
  }
}

/** Which refund of ours is meant, by the name that it was asked for under, or by the provider's own. */
const namesOf = (booked: readonly Booked[]): ReadonlyMap<string, Booked> =>
  new Map(
    booked.flatMap((each) =>
      [each.providerRef, each.idempotencyKey, each.refundId].flatMap((name) =>
        name === undefined ? [] : [[name, each] as const],
      ),
    ),
  )

const hasMoved = ({ state }: ListedRefund): boolean => state === 'succeeded'
const isUnderWay = ({ state }: Booked): boolean => state === 'submitted' || state === 'pending'

/** What one refund of ours and the one of the provider's that it stands for come to. */
type Verdict =
  | 'matched'
  | 'in-flight'
  | 'look'
  | 'look-state'
  | Extract<DifferenceKind, 'amount' | 'currency' | 'state'>

const judge = (ours: Booked, theirs: ListedRefund, until: string): Verdict => {
  if (hasMoved(theirs) && theirs.currency !== ours.currency) return 'currency'
  if (hasMoved(theirs) && theirs.amount !== ours.amount) return 'amount'
  if (isUnderWay(ours)) return theirs.state === 'pending' ? 'in-flight' : 'look'
  if (theirs.state === 'pending') return 'in-flight'
  if (ours.state === 'succeeded') return hasMoved(theirs) ? 'matched' : 'look-state'
  if (!hasMoved(theirs)) return 'matched'
  // Its money has come back since, and the list does not have that yet.
  return Date.parse(ours.movedAt ?? '') >= Date.parse(until) ? 'in-flight' : 'state'
}

/** Of several for one refund of ours, the one that our books mean: it bears the name that we know, or else it came first. */
const meant = ({ providerRef }: Booked, all: readonly ListedRefund[]): ListedRefund | undefined =>
  all.find((each) => each.providerRef === providerRef) ??
  all.toSorted(
    (one, other) => Date.parse(one.at) - Date.parse(other.at) || (one.providerRef < other.providerRef ? -1 : 1),
  )[0]

interface Found {
  readonly is: 'matched' | 'in-flight' | 'others'
  readonly difference?: Difference
  readonly look?: Booked
  readonly undone?: Comparison['undone'][number]
}

const compareOurs = (
  { account, span }: Pick<Sides, 'account' | 'span'>,
  ours: Booked,
  all: readonly ListedRefund[],
  until: string,
): Found[] => {
  const theirs = meant(ours, all)
  if (theirs === undefined) return []
  const again = all
    .filter((each) => each !== theirs && hasMoved(each) && isIn(span, each.at))
    .map((refund): Found => ({ is: 'matched', difference: differenceOf(account, 'twice', { booked: ours, refund }) }))
  if (!isIn(span, theirs.at)) return again
  const verdict = judge(ours, theirs, until)
  const difference = (kind: DifferenceKind): Found => ({
    ...{ is: 'matched', difference: differenceOf(account, kind, { booked: ours, refund: theirs }) },
    ...(verdict === 'look-state' && { look: ours }),
  })
  switch (verdict) {
    case 'matched':
    case 'in-flight':
      return [...again, { is: verdict }]
    case 'look':
      return [...again, { is: 'in-flight', look: ours }]
    case 'look-state':
      return [...again, difference('state')]
    default:
      return [...again, difference(verdict)]
  }
}

/** What all have of one thing; nothing where they differ. */
const common = <Thing>(all: readonly Thing[]): Thing | undefined => (new Set(all).size === 1 ? all[0] : undefined)

/** A refund that nobody here has asked for, of a payment that these tenders are of: of which it is, nobody knows but by its claim. */
const compareTheirs = (account: string, refund: ListedRefund, tenders: readonly Paid[]): Found => {
  if (tenders.length === 0 && !isOurName(refund.askedAs)) return { is: 'others' }
  const claimOf = ({ claims }: Paid) => claims.find(({ ref }) => ref === refund.providerRef)
  const paid = tenders.find(claimOf) ?? common(tenders)
  if (hasMoved(refund) && paid !== undefined && claimOf(paid)?.toldAs !== undefined) return { is: 'matched' }
  const merchantId = common(tenders.map((each) => each.merchantId))
  if (hasMoved(refund))
    return { is: 'matched', difference: differenceOf(account, 'missing-here', { paid, refund, merchantId }) }
  if (refund.state === 'pending') return { is: 'in-flight' }
  const isUndone = paid !== undefined && claimOf(paid)?.state === 'done'
  return { is: 'matched', ...(isUndone && { undone: { paid, refund } }) }
}

/** What our books have settled and no entry of the list stands for, though the list reaches over the time in which it was made. */
const isMissing = (
  { state, destination, firstAskedAt, settledAt }: Booked,
  { span }: Pick<Sides, 'span'>,
  until: string,
): boolean =>
  state === 'succeeded' &&
  destination === 'original' &&
  firstAskedAt !== undefined &&
  settledAt !== undefined &&
  isIn(span, firstAskedAt) &&
  Date.parse(settledAt) < Math.min(Date.parse(until), Date.parse(wider(span).to))

/** A list has all of the time before it was read, unless it says that it has not. */
const untilOf = ({ listed, listedAt }: Sides): string =>
  listed.reduce(
    (least, each) => (each.kind === 'until' && Date.parse(each.at) < Date.parse(least) ? each.at : least),
    listedAt,
  )

export const compare = (sides: Sides): Comparison => {
  const { account, span, booked, paid } = sides
  const until = untilOf(sides)
  const names = namesOf(booked)
  const payments = Map.groupBy(paid, ({ paymentRef }) => paymentRef)
  const bookedOf = ({ askedAs, providerRef }: ListedRefund) => names.get(askedAs ?? '') ?? names.get(providerRef)
  const byBooked = Map.groupBy(refundsIn(sides.listed), bookedOf)
  const found: Found[] = booked.flatMap((ours) => {
    const theirs = byBooked.get(ours) ?? []
    if (theirs.length > 0) return compareOurs(sides, ours, theirs, until)
    if (isMissing(ours, sides, until))
      return [{ is: 'matched', difference: differenceOf(account, 'missing-there', { booked: ours }) }]
    return isUnderWay(ours) && isIn(span, ours.firstAskedAt ?? '') ? [{ is: 'in-flight' }] : []
  })
  for (const refund of byBooked.get(undefined) ?? [])
    if (isIn(span, refund.at))
      found.push(
        compareTheirs(
          account,
          refund,
          refund.paymentRefs.flatMap((ref) => payments.get(ref) ?? []),
        ),
      )
  const count = (is: Found['is']) => found.filter((each) => each.is === is && each.difference === undefined).length
  return {
    ...{ matched: count('matched'), inFlight: count('in-flight'), others: count('others') },
    until,
    differences: found.flatMap(({ difference }) => difference ?? []),
    looks: found.flatMap(({ look }) => look ?? []),
    undone: found.flatMap(({ undone }) => undone ?? []),
  }
}
