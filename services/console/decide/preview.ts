import {
  type CancelRequested,
  type EventData,
  lineAmount,
  refundHabits,
  refundOf,
  refundOrder,
} from '@countermand/contracts'
import type { Cancellation, Case } from '../state.ts'
import { obstacle } from './ask.ts'
import { cancellationsOf, cancelledUnits } from './order.ts'

/** What one tender would give back. */
export interface PreviewedTender {
  readonly tenderId: string
  readonly channel: string
  /** Minor units. */
  readonly amount: number
  readonly destination: 'original' | 'store-credit' | 'gift-card' | 'none'
  /** `void`: it was only held, and is released; `nothing`: nothing was taken of it, so that nothing has to come back. */
  readonly how: 'refund' | 'void' | 'nothing'
  /** When it is usually there, by the channel's habit. ISO 8601. */
  readonly expectedBy?: string | undefined
}

type Tender = EventData<'order.accepted.v1'>['tenders'][number]

const dayMs = 86_400_000

/** Minor units that a tender has given back, or is about to. */
const givenBy = (tenderId: string, all: readonly Cancellation[]): number =>
  all
    .flatMap(({ refunds }) => refunds)
    .filter((each) => each.tenderId === tenderId && each.state !== 'failed')
    .reduce((sum, { amount }) => sum + amount, 0)

const byHabit = (
  tender: Tender,
  {
    amount,
    left,
    refundTo,
    at,
  }: {
    readonly amount: number
    readonly left: number
    readonly refundTo: CancelRequested['refundTo']
    readonly at: string
  },
): PreviewedTender => {
  const { tenderId, channel } = tender
  const { home, days } = refundHabits[channel]
  const said = { tenderId, channel, amount }
  if (home === 'none') return { ...said, destination: 'none', how: 'nothing' }
  if (tender.state === 'authorized' && home === 'original')
    return { ...said, destination: 'original', how: amount === left ? 'void' : 'nothing' }
  const destination = home === 'original' ? refundTo : home
  if (destination === 'bank-transfer') return { ...said, destination: 'original', how: 'refund' }
  const usual = destination === 'original' ? days : 0
  return { ...said, destination, how: 'refund', expectedBy: new Date(Date.parse(at) + usual * dayMs).toISOString() }
}

/** Which tender gives back how much: as payment plans it, as far as what it keeps to itself does not say otherwise. */
const tendersFor = (
  tenders: readonly Tender[],
  all: readonly Cancellation[],
  {
    amount,
    refundTo,
    at,
  }: { readonly amount: number; readonly refundTo: CancelRequested['refundTo']; readonly at: string },
): PreviewedTender[] => {
  const shares: PreviewedTender[] = []
  let missing = amount
  for (const tender of tenders.toSorted((a, b) => refundOrder.indexOf(a.channel) - refundOrder.indexOf(b.channel))) {
    const left = tender.amount - givenBy(tender.tenderId, all)
    const share = Math.max(0, Math.min(left, missing))
    if (share > 0) shares.push(byHabit(tender, { amount: share, left, refundTo, at }))
    missing -= share
  }
  return shares
}

export interface PreviewWanted {
  /** Absent: all that is left. */
  readonly lines?: CancelRequested['lines']
  readonly refundTo: CancelRequested['refundTo']
  /** When it is looked at. ISO 8601. */
  readonly at: string
}

/** A preview of an order that was heard of. */
export type Preview = NonNullable<ReturnType<typeof previewOf>>

/**
 * What a cancellation would come to, in minor units, before anybody asks for it: counted by the function that the order service counts
 * with. Whether policy lets it, and who decides, the order service alone knows, and says in the public story.
 */
export const previewOf = (orderId: string, known: Case, { lines, refundTo, at }: PreviewWanted) => {
  if (known.order === undefined) return undefined
  const { placed } = known.order
  const all = cancellationsOf(orderId, known)
  const units = cancelledUnits(all)
  const places = placed.lines.map((line) => {
    const before = units.get(line.lineId) ?? 0
    const left = line.quantity - before
    const wanted = lines === undefined ? left : (lines.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0)
    return { line, before, left, quantity: Math.min(wanted, left) }
  })
  const amount = refundOf(
    placed,
    places.map(({ before }) => before),
    places.map(({ quantity }) => quantity),
  )
  const asked = places.map(({ line, before, left, quantity }) => ({
    ...{ lineId: line.lineId, quantity, left, amount: lineAmount(line, quantity, before) },
  }))
  const whole = places.every(({ left, quantity }) => quantity === left)
  const ofLines = asked.reduce((sum, each) => sum + each.amount, 0)
  const found = obstacle(known, { orderId, lines })
  return {
    ...{ orderId, currency: placed.currency, amount, lines: asked, rest: amount - ofLines, whole },
    tenders: tendersFor(placed.tenders, all, { amount, refundTo, at }),
    ...{ possible: found === undefined, ...(found !== undefined && { code: found.code, detail: found.detail }) },
    turned: found,
  }
}
