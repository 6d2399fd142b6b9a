import { followOrder, followParcel as heardOfParcel } from '@countermand/console/decide/follow.ts'
import { previewOf } from '@countermand/console/decide/preview.ts'
import { approvalBy } from '@countermand/console/settings.ts'
import type { Case } from '@countermand/console/state.ts'
import {
  acceptedOrder,
  type LineUnits,
  type PlacedOrder,
  placedOrder,
  shipmentChanged,
  shipmentStatus,
} from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { begin } from '@countermand/order/decide/begin.ts'
import { followParcel, place } from '@countermand/order/decide/facts.ts'
import type { OrderState } from '@countermand/order/state.ts'
import { samplePolicies } from '@countermand/order/test/given.ts'
import type { Policy } from '@countermand/settings/policies.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/** What customers are told beforehand, held to what the order service then answers the saga. */

const [placedAt, seenAt, now] = ['2026-11-20T09:00:00.000Z', '2026-11-20T09:30:00.000Z', '2026-11-20T10:00:00.000Z']
const at = { now, patienceOver: false }

const order = (places: readonly number[], isSaid: boolean): PlacedOrder =>
  placedOrder.parse({
    ...exampleOrder,
    placedAt,
    shippingAmount: 0,
    shippingTaxAmount: 0,
    lines: [1, 2].map((line) => ({ lineId: `${line}`, sku: `SKU-${line}`, quantity: 2, unitAmount: 500 })),
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 2000, paymentRef: 'pay_ok' }],
    shipments: [1, 2].flatMap((parcel) => {
      const lineIds = [1, 2].filter((_, index) => places[index] === parcel).map(String)
      if (lineIds.length === 0) return []
      const held = isSaid ? { lines: lineIds.map((lineId) => ({ lineId, quantity: 2 })) } : {}
      return {
        shipmentId: `shp-${parcel}`,
        carrier: 'sandbox',
        trackingNumber: `OK-${parcel}`,
        status: 'label-created',
        lineIds,
        ...held,
      }
    }),
  })

const wish = fc.record({
  places: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2)),
  isSaid: fc.boolean(),
  news: fc.array(fc.record({ parcel: fc.constantFrom(1, 2), status: fc.constantFrom(...shipmentStatus.options) }), {
    maxLength: 3,
  }),
  lines: fc.option(
    fc.constantFrom<LineUnits[]>(
      [{ lineId: '1', quantity: 1 }],
      [{ lineId: '2', quantity: 2 }],
      [{ lineId: '1', quantity: 2 }],
    ),
    { nil: undefined },
  ),
  initiator: fc.constantFrom('customer', 'merchant', 'support'),
  policy: fc.record({
    MERCHANT_APPROVAL: fc.constantFrom('never', 'always', 'when-shipped'),
    MERCHANT_DEADLINE: fc.integer({ min: 1, max: 10_000_000 }),
    MERCHANT_SILENCE: fc.constantFrom('approve', 'reject'),
  }),
  ofMerchant: fc.boolean(),
})

const known = (decided: { readonly state?: OrderState } | 'not-yet', before: OrderState | undefined) =>
  decided === 'not-yet' ? before : (decided.state ?? before)

it('promises nothing that the order service does not decide, whatever the parcels, the units and the policy', () => {
  let asked = 0
  let judged = 0
  fc.assert(
    fc.property(wish, ({ places, isSaid, news, lines, initiator, policy, ofMerchant }) => {
      const placed = order(places, isSaid)
      const told = news.flatMap(({ parcel, status }, index) => {
        const found = placed.shipments.find(({ shipmentId }) => shipmentId === `shp-${parcel}`)
        if (found === undefined) return []
        const { lineIds = [], lines: held, ...shipment } = found
        const seen = new Date(Date.parse(seenAt) + index).toISOString()
        return shipmentChanged.parse({
          ...{ ...shipment, orderId: placed.orderId, status, at: seen, lineIds },
          ...(held && { lines: held }),
        })
      })
      const partly: Partial<Policy> = policy
      const policies = ofMerchant
        ? { ...samplePolicies(), overrides: { markets: new Map(), merchants: new Map([[placed.merchantId, partly]]) } }
        : samplePolicies(policy)

      let state = known(place(undefined, placed), undefined)
      for (const each of told) state = known(followParcel(state, each, at), state)
      const request = {
        ...{ requestId: 'req-1', orderId: placed.orderId, requestedAt: now, initiator: { kind: initiator } },
        ...{ reason: { code: 'other' as const }, refundTo: 'original' as const, round: 1, ...(lines && { lines }) },
      }
      const decision = begin(policies, state, request, at)
      const answer = decision === 'not-yet' ? undefined : decision.answer
      // What it refuses, for what came back or is gone, nobody decides about.
      if (answer?.type !== 'CancellationBegun') return

      let heard: Case | undefined = followOrder(undefined, acceptedOrder.parse(placed)).state
      for (const each of told) heard = heardOfParcel(heard, each).state ?? heard
      const approvalOf = approvalBy({ ...policies.defaults, POLICIES_FILE: policies.overrides })
      const preview = previewOf(placed.orderId, heard ?? expect.fail(), {
        ...{ lines, refundTo: 'original', initiator, approvalOf, at: now },
      })
      const { approval } = answer
      judged += 1
      if (approval.needed) asked += 1
      expect(preview?.decision).toEqual(
        approval.needed
          ? { by: 'merchant', decideBy: approval.decideBy, onSilence: approval.onSilence }
          : { by: 'nobody' },
      )
    }),
    { numRuns: 400 },
  )
  expect(asked).toBeGreaterThan(20)
  expect(judged - asked).toBeGreaterThan(20)
})
