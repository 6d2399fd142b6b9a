import { acceptedOrder, type EventData, events, sagaId } from '@countermand/contracts'
import { exampleOrder, exampleRequest } from '@countermand/contracts/examples.ts'
import type { AnyService } from '@countermand/service'
import { consoleService } from '../handlers.ts'
import type { Case, HeardType } from '../state.ts'

/** What is heard of the order and the request of the documentation. */

export const { orderId } = exampleOrder
export const { requestId } = exampleRequest

/** So many minutes after the request. */
export const at = (minute: number): string =>
  new Date(Date.parse('2026-11-20T10:00:00Z') + minute * 60_000).toISOString()

const said = {
  ...{ requestId, orderId, merchantId: exampleOrder.merchantId, customerId: exampleOrder.customerId },
  ...{ initiator: { kind: 'customer', id: 'cus-7' }, reason: { code: 'changed-mind' } },
  ...{ amount: 1391, currency: 'EUR', lines: [{ lineId: '1', quantity: 1, sku: 'SKU-MUG' }] },
  workflowId: sagaId(orderId, requestId),
} satisfies Omit<EventData<'order.cancellation.started.v1'>, 'at'>

const refunded = {
  ...{ refundId: 'ref-1', requestId, orderId, tenderId: 't1', channel: 'sandbox-card', amount: 1391, currency: 'EUR' },
  destination: 'original',
} satisfies Partial<EventData<'refund.pending.v1'>>

export type Heard = {
  [Type in HeardType | 'order.accepted.v1' | 'order.amended.v1' | 'shipment.changed.v1']: {
    readonly type: Type
    readonly data: EventData<Type>
  }
}[HeardType | 'order.accepted.v1' | 'order.amended.v1' | 'shipment.changed.v1']

const placed = acceptedOrder.parse(exampleOrder)
const parcel = {
  ...{ shipmentId: 'shp-1', orderId, carrier: 'sandbox', trackingNumber: 'OK-1', lineIds: ['1'] },
} as const
const stuck = { reason: 'step-failed', since: at(4) } as const

/** A life with everything in it: edited, shipped, decided, stuck, refused by a channel and sent elsewhere. */
export const wholeLife: readonly Heard[] = [
  { type: 'order.accepted.v1', data: placed },
  { type: 'order.amended.v1', data: { ...placed, version: 2, changeId: 'chg-1', market: 'AT' } },
  { type: 'shipment.changed.v1', data: { ...parcel, status: 'label-created', at: at(-30) } },
  { type: 'shipment.changed.v1', data: { ...parcel, status: 'handed-over', at: at(-10) } },
  { type: 'order.cancellation.started.v1', data: { ...said, at: at(0) } },
  {
    type: 'order.cancellation.awaiting-merchant.v1',
    data: {
      ...{ ...said, at: at(1), decideBy: at(60), onSilence: 'approve' },
      shipments: [{ shipmentId: 'shp-1', status: 'handed-over' }],
    },
  },
  {
    type: 'order.cancellation.input-rejected.v1',
    data: { requestId, orderId, input: 'decide', code: 'not-allowed', at: at(2) },
  },
  { type: 'order.cancellation.decided.v1', data: { ...said, at: at(3), decision: 'approve', by: 'mer-3' } },
  {
    type: 'order.cancellation.needs-attention.v1',
    data: {
      ...said,
      at: at(4),
      stage: 'confirming',
      attention: { ...stuck, error: 'the carrier is away', remedies: ['retry'] },
    },
  },
  { type: 'order.cancellation.resumed.v1', data: { ...said, at: at(5), attention: stuck, because: 'decided' } },
  { type: 'refund.submitted.v1', data: { ...refunded, state: 'submitted', at: at(6) } },
  { type: 'refund.failed.v1', data: { ...refunded, state: 'failed', failure: 'card closed', at: at(7) } },
  {
    type: 'refund.submitted.v1',
    data: { ...refunded, refundId: 'ref-2', destination: 'store-credit', state: 'submitted', at: at(8) },
  },
  {
    type: 'refund.succeeded.v1',
    data: { ...refunded, refundId: 'ref-2', destination: 'store-credit', state: 'succeeded', at: at(9) },
  },
  {
    type: 'order.cancellation.completed.v1',
    data: {
      ...{ ...said, at: at(9), outcome: 'lines-cancelled', stage: 'closed' },
      refunds: [
        {
          ...{ tenderId: 't1', channel: 'sandbox-card', amount: 1391, currency: 'EUR' },
          ...{ state: 'succeeded', destination: 'store-credit' },
        },
      ],
    },
  },
]

const console: AnyService<Case> = consoleService

/** The case after these were heard, one after the other, each as its contract reads it. */
export const heard = (...all: readonly Heard[]): Case | undefined =>
  all.reduce<Case | undefined>((known, { type, data }) => {
    const handler = console.events[type]
    if (handler === undefined || !('decide' in handler)) throw new Error(`expected the console to listen to ${type}`)
    const decision = handler.decide(known, events[type].data.parse(data), { now: at(10), patienceOver: false })
    return decision === 'not-yet' ? known : (decision.state ?? known)
  }, undefined)

/** Merchants decide of what is on its way, within a day; silence is a yes. */
export const shippedAsk = () => ({ when: 'when-shipped', deadlineMs: 86_400_000, onSilence: 'approve' }) as const

/** Whose customers' pages they are in tests. */
export const customers = {
  ...{ shop: { name: 'Mug & Co', contact: 'mailto:help@mug.example' }, accent: '#0f766e' },
  ...{ url: new URL('http://127.0.0.1:8087'), zone: 'Europe/Berlin', images: '' },
  ...{ approvalOf: shippedAsk, origins: ['https://www.mug.example'] },
  ...{ mails: true, contactKey: 'a key of the shop alone' },
}
