import type { EventType } from '@countermand/contracts'
import { acceptedOrder, events } from '@countermand/contracts'
import { readEnvelope } from '@countermand/contracts/envelope.ts'
import { exampleOrder, exampleShipment } from '@countermand/contracts/examples.ts'
import { readEvent } from '@countermand/kafka/reading.ts'
import { expect, it } from 'vitest'
import { namesOf, namingTopics } from './references.ts'

const accounts = {
  nameFor: (merchantId: string | undefined, provider: string) =>
    merchantId === exampleOrder.merchantId ? `${provider}-account` : undefined,
}
const { orderId } = exampleOrder
const [tender] = exampleOrder.tenders
const heard = (type: EventType, data: object) => {
  const headers = { ce_specversion: '1.0', ce_id: '1', ce_source: '/test', ce_type: type }
  const message = { topic: events[type].topic, partition: 0, offset: '1', key: orderId, headers }
  const raw = { ...message, value: Buffer.from(JSON.stringify(data)) }
  return namesOf(readEvent(readEnvelope(raw), raw), accounts).map(({ account, kind, reference, part }) =>
    [account, kind, reference, part].join(' '),
  )
}

it('learns of an order its payments, its parcels, and who may speak of it', () => {
  const order = { ...exampleOrder, shipments: [{ ...exampleShipment, status: 'label-created' }] }
  const { shipmentId, carrier, trackingNumber } = exampleShipment
  expect(heard('order.accepted.v1', order)).toEqual([
    `${tender?.channel}-account payment ${tender?.paymentRef} ${tender?.tenderId}`,
    `ups-account order ${orderId} `,
    `webhook-carrier-account order ${orderId} `,
    `${carrier} parcel ${trackingNumber} ${shipmentId}`,
  ])
})

it('learns nothing of an order whose merchant works with no account', () => {
  const other = acceptedOrder.parse({ ...exampleOrder, merchantId: 'mer-none' })
  expect(heard('order.accepted.v1', other)).toEqual([])
})

it('learns a refund by the account that it is asked with', () => {
  const refund = { refundId: 'ref_1', orderId, requestId: 'r', tenderId: 't1', channel: 'sandbox-card', amount: 1 }
  const told = { ...refund, currency: 'EUR', state: 'submitted', destination: 'original', at: '2026-11-20T10:00:00Z' }
  expect(heard('refund.submitted.v1', { ...told, account: 'acc-1' })).toEqual(['acc-1 refund ref_1 t1'])
  expect(heard('refund.submitted.v1', told)).toEqual([])
  expect(heard('refund.succeeded.v1', { ...told, account: 'acc-1', state: 'succeeded' })).toEqual([])
})

it('learns each number that a parcel has had', () => {
  const parcel = { ...exampleShipment, orderId, status: 'in-transit', at: '2026-11-20T10:00:00Z', lineIds: ['1'] }
  const { carrier, shipmentId } = exampleShipment
  expect(heard('shipment.changed.v1', { ...parcel, trackingNumber: 'NEW-2' })).toEqual([
    `${carrier} parcel NEW-2 ${shipmentId}`,
  ])
})

it('reads the topics of these events', () => {
  expect(namingTopics.toSorted()).toEqual(['orders.accepted.v1', 'payments.refunds.v1', 'shipments.changed.v1'])
})
