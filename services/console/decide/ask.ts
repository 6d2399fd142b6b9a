import { createHash } from 'node:crypto'
import {
  type CancelRequested,
  cancelDecided,
  type EventData,
  type Initiator,
  type PlacedOrder,
  type Reason,
  type RequestVia,
  takenRequest,
} from '@countermand/contracts'
import { sameOrder } from '@countermand/contracts/order-content.ts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import type { Case, ToldType } from '../state.ts'
import { cancellationOf } from './cancellation.ts'
import { nothingHeard, told, withTold } from './follow.ts'
import { cancellationsOf, cancelledUnits, isAllCancelled, openIn } from './order.ts'

/** What a person asks for, as far as it makes sense by what is known here. The services have the last word, which comes back as the public story. */

/** Why it is not even sent. */
export interface Turned {
  readonly code:
    | 'order-exists'
    | 'order-not-found'
    | 'already-cancelled'
    | 'cancellation-in-progress'
    | 'quantity-exceeded'
    | 'key-reused'
    | 'too-late'
    | 'already-decided'
  readonly detail: string
  /** The request that stands in the way. */
  readonly requestId?: string
  /** Of what was decided before: how, by whose word, and when. */
  readonly first?: Pick<EventData<'order.cancel.decided.v1'>, 'decision' | 'by'> & { readonly at: string }
}

/** `again`: it was sent before. */
export type Asked = 'sent' | 'again' | Turned

export interface Made {
  readonly decision: Decision<Case>
  readonly value: Asked
}

const turned = (value: Turned): Made => ({ decision: {}, value })
const again: Made = { decision: {}, value: 'again' }

const sent = (
  known: Case,
  requestId: string,
  at: Moment,
  publish: NonNullable<Decision<Case>['publish']>[number] & { readonly type: ToldType },
): Made => ({
  decision: {
    state: withTold(known, requestId, told(publish.type, at.now, publish.data)),
    publish: [publish],
  },
  value: 'sent',
})

/** Tells of an order. What is known of one changes by `order.changed.v1` alone; of one that was changed it is not known here how it was placed. */
export const place =
  (order: PlacedOrder) =>
  (known: Case = nothingHeard): Made => {
    const { orderId, merchantId } = order
    const before = known.order
    if (before !== undefined && before.placed.merchantId !== merchantId)
      return turned({ code: 'order-exists', detail: `order ${orderId} is of another merchant` })
    if (before?.version === 1)
      return sameOrder(before.placed, order)
        ? again
        : turned({ code: 'order-exists', detail: `order ${orderId} was placed with other content` })
    const digest = createHash('sha256').update(JSON.stringify(order)).digest('base64url')
    return { decision: { publish: [{ type: 'order.placed.v1', data: order, id: [digest] }] }, value: 'sent' }
  }

export interface Wish {
  readonly requestId: string
  readonly orderId: string
  readonly initiator: Initiator['kind']
  readonly reason: Reason
  readonly lines?: CancelRequested['lines']
  readonly refundTo: CancelRequested['refundTo']
  /** When it was asked for, where that was before now. ISO 8601. */
  readonly requestedAt?: string
  /** How they reached the shop. */
  readonly via?: RequestVia | undefined
}

/** All that tells one wish from another under the same key. */
const contentOf = ({ initiator, reason, lines, refundTo }: EventData<'order.cancel.requested.v1'>): string =>
  JSON.stringify([initiator.kind, reason.code, reason.note, lines, refundTo])

const excessIn = (known: Case, { orderId, lines = [] }: Pick<Wish, 'orderId' | 'lines'>): string | undefined => {
  const units = cancelledUnits(cancellationsOf(orderId, known))
  const left = new Map(
    known.order?.placed.lines.map(({ lineId, quantity }) => [lineId, quantity - (units.get(lineId) ?? 0)]),
  )
  const over = lines.find(({ lineId, quantity }) => quantity > (left.get(lineId) ?? 0))
  return over && `expected at most ${left.get(over.lineId) ?? 0} of line ${over.lineId}, got ${over.quantity}`
}

/** What is known to stand in the way of a wish. */
export const obstacle = (known: Case, wish: Pick<Wish, 'orderId' | 'lines'>): Turned | undefined => {
  const { orderId } = wish
  if (known.order === undefined)
    return { code: 'order-not-found', detail: `order ${orderId} was not heard of here yet` }
  const all = cancellationsOf(orderId, known)
  if (isAllCancelled(known.order.placed, cancelledUnits(all))) {
    const last = all.find(({ outcome }) => outcome === 'cancelled' || outcome === 'lines-cancelled')
    const detail = `nothing is left of order ${orderId}`
    return { code: 'already-cancelled', detail, ...(last && { requestId: last.requestId }) }
  }
  const open = openIn(all)
  if (open !== undefined) {
    const detail = `order ${orderId} is being cancelled by request ${open.requestId}`
    return { code: 'cancellation-in-progress', detail, requestId: open.requestId }
  }
  const excess = excessIn(known, wish)
  return excess === undefined ? undefined : { code: 'quantity-exceeded', detail: excess }
}

/** Asks for a cancellation. */
export const ask =
  (wish: Wish) =>
  (known: Case = nothingHeard, at: Moment): Made => {
    const { requestId, orderId, reason, lines, refundTo, via } = wish
    const customerId = known.order?.placed.customerId
    const initiator = {
      kind: wish.initiator,
      ...(wish.initiator === 'customer' && customerId !== undefined && { id: customerId }),
    }
    const data = {
      ...{ requestId, orderId, requestedAt: wish.requestedAt ?? at.now, initiator, reason, refundTo },
      ...(lines !== undefined && { lines }),
      ...(via !== undefined && { via }),
    }
    const before = known.told.get(requestId)?.find(({ type }) => type === 'order.cancel.requested.v1')
    if (before !== undefined)
      return contentOf(takenRequest.parse(before.data)) === contentOf(takenRequest.parse(data))
        ? again
        : turned({ code: 'key-reused', detail: 'expected the same request under the same Idempotency-Key', requestId })
    const found = obstacle(known, wish)
    if (found !== undefined) return turned(found)
    return sent(known, requestId, at, { type: 'order.cancel.requested.v1', data, id: [requestId] })
  }

const standing = (known: Case, orderId: string, requestId: string) => {
  const all = known.told.get(requestId) ?? []
  return { all, now: cancellationOf(orderId, requestId, all) }
}

const over = (requestId: string, outcome: string): Made =>
  turned({ code: 'too-late', detail: `request ${requestId} has ended: ${outcome}`, requestId })

/** Takes a request back. */
export const withdraw =
  ({ orderId, requestId, by }: EventData<'order.cancel.withdrawn.v1'>) =>
  (known: Case = nothingHeard, at: Moment): Made => {
    const { all, now } = standing(known, orderId, requestId)
    if (now?.outcome === 'withdrawn') return again
    if (now?.outcome !== undefined) return over(requestId, now.outcome)
    if (all.some(({ type }) => type === 'order.cancel.withdrawn.v1')) return again
    return sent(known, requestId, at, {
      ...{ type: 'order.cancel.withdrawn.v1', data: { orderId, requestId, by }, id: [requestId, by] },
    })
  }

const decidedBefore = (requestId: string, { decision, by, at }: NonNullable<Turned['first']>): Made => {
  const detail = `${by} decided at ${at}: ${decision}`
  return turned({ code: 'already-decided', detail, requestId, first: { decision, by, at } })
}

/** Says what the merchant decides. */
export const decide =
  (data: EventData<'order.cancel.decided.v1'>) =>
  (known: Case = nothingHeard, at: Moment): Made => {
    const { orderId, requestId, decision, by } = data
    const { all, now } = standing(known, orderId, requestId)
    if (now?.decided !== undefined && now.decided.decision === decision && now.decided.by === by) return again
    if (now?.decided !== undefined) return decidedBefore(requestId, now.decided)
    if (now?.outcome !== undefined) return over(requestId, now.outcome)
    const before = all.find(({ type }) => type === 'order.cancel.decided.v1')
    if (before !== undefined && now?.rejected.every(({ input }) => input !== 'decide')) {
      const first = cancelDecided.parse(before.data)
      return first.decision === decision ? again : decidedBefore(requestId, { ...first, at: before.at })
    }
    return sent(known, requestId, at, { type: 'order.cancel.decided.v1', data, id: [requestId, by, decision, at.now] })
  }
