import {
  type CancelRequested,
  type EventData,
  type Initiator,
  type LineUnits,
  lineAmount,
  type MerchantApproval,
  merchantDecides,
  parcelsHolding,
  refundHabits,
  refundOf,
  refundOrder,
} from '@countermand/contracts'
import { goodsOf } from '@countermand/contracts/order-content.ts'
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

/** What holds of an order, of what its shop decides. */
export interface Approval {
  readonly when: MerchantApproval
  readonly deadlineMs: number
  readonly onSilence: 'approve' | 'reject'
}
type Placed = EventData<'order.accepted.v1'>
/** By an order, what its shop decides. */
export type ApprovalOf = (order: Pick<Placed, 'market' | 'merchantId'>) => Approval

export interface PreviewWanted {
  /** Whose wish it is; absent: the customer's. */
  readonly initiator?: Initiator['kind'] | undefined
  readonly approvalOf: ApprovalOf
  /** Absent: all that is left. */
  readonly lines?: CancelRequested['lines']
  readonly refundTo: CancelRequested['refundTo']
  /** When it is looked at. ISO 8601. */
  readonly at: string
}

/** Its parcels as they were last told of, each with what it holds. */
const parcelsIn = ({ placed, parcels }: { readonly placed: Placed; readonly parcels: Case['parcels'] }) => {
  const first = placed.shipments.map(({ shipmentId, status, lineIds, lines }) => ({
    ...{ shipmentId, status, lines },
    lineIds: lines?.map(({ lineId }) => lineId) ?? lineIds ?? goodsOf(placed),
  }))
  const told = new Map(
    parcels.map(({ shipmentId, status, lineIds, lines }) => [shipmentId, { shipmentId, status, lineIds, lines }]),
  )
  const known = new Set(first.map(({ shipmentId }) => shipmentId))
  return [
    ...first.map((each) => told.get(each.shipmentId) ?? each),
    ...[...told.values()].filter(({ shipmentId }) => !known.has(shipmentId)),
  ]
}

/** Who decides, as things are now: by the rule, the parcels and the settings that the order service judges by. */
const decisionOf = (
  known: Case & { readonly order: NonNullable<Case['order']> },
  units: ReadonlyMap<string, number>,
  asked: readonly LineUnits[],
  { initiator = 'customer', approvalOf, at }: Pick<PreviewWanted, 'initiator' | 'approvalOf' | 'at'>,
) => {
  const { placed } = known.order
  const { when, deadlineMs, onSilence } = approvalOf(placed)
  const cancelled = new Map([...units].filter(([, quantity]) => quantity > 0))
  const parcels = parcelsHolding(
    { lines: placed.lines, cancelled, parcels: parcelsIn({ placed, parcels: known.parcels }) },
    asked,
  )
  if (!merchantDecides(when, initiator, parcels)) return { by: 'nobody' as const }
  return { by: 'merchant' as const, decideBy: new Date(Date.parse(at) + deadlineMs).toISOString(), onSilence }
}

/** A preview of an order that was heard of. */
export type Preview = NonNullable<ReturnType<typeof previewOf>>

/**
 * What a cancellation would come to, in minor units, before anybody asks for it: counted by the function that the order service counts
 * with. Whether policy lets it, the order service alone knows, and says in the public story; whether a merchant decides is judged as it
 * judges, by what is known now: a parcel that leaves meanwhile changes it.
 */
export const previewOf = (orderId: string, known: Case, wanted: PreviewWanted) => {
  if (known.order === undefined) return undefined
  const { lines, refundTo, at } = wanted
  const { order } = known
  const { placed } = order
  const all = cancellationsOf(orderId, known)
  const units = cancelledUnits(all)
  const places = placed.lines.map((line) => {
    const before = units.get(line.lineId) ?? 0
    const left = line.quantity - before
    const asks = lines === undefined ? left : (lines.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0)
    return { line, before, left, quantity: Math.min(asks, left) }
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
    decision: decisionOf(
      { ...known, order },
      units,
      asked.filter(({ quantity }) => quantity > 0),
      wanted,
    ),
    ...{ possible: found === undefined, ...(found !== undefined && { code: found.code, detail: found.detail }) },
    turned: found,
  }
}
