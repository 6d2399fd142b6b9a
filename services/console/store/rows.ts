import {
  acceptedOrder,
  initiator,
  reason,
  refundDestination,
  refundState,
  sagaOutcome,
  sagaStage,
  shipmentChanged,
} from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import { type Cancellation, heardTypes, sentTypes, type Told } from '../state.ts'

/** What is read from the database, checked: a case's rows as its state. */

export const orderRow = z.object({
  orderId: z.string(),
  version: z.int().nullable(),
  placed: acceptedOrder.nullable(),
  parcels: z.array(shipmentChanged),
})

const told = exactly<Told>()(
  z.object({
    key: z.string(),
    type: z.enum([...heardTypes, ...sentTypes]),
    at: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
)
export const toldRow = told.extend({ orderId: z.string(), requestId: z.string(), position: z.int() })

export const refund = z.object({
  tenderId: z.string(),
  channel: z.string(),
  amount: z.int(),
  currency: z.string(),
  state: refundState,
  destination: refundDestination,
  expectedBy: z.string().optional(),
  at: z.string(),
})

export const cancellation = exactly<Cancellation>()(
  z.object({
    requestId: z.string(),
    orderId: z.string(),
    merchantId: z.string().optional(),
    customerId: z.string().optional(),
    initiator,
    reason,
    amount: z.int().optional(),
    currency: z.string().optional(),
    lines: z.array(z.object({ lineId: z.string(), quantity: z.int() })).optional(),
    askedAt: z.string(),
    startedAt: z.string().optional(),
    endedAt: z.string().optional(),
    stage: sagaStage,
    outcome: sagaOutcome.optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    awaiting: z.object({ decideBy: z.string(), onSilence: z.enum(['approve', 'reject']) }).optional(),
    decided: z
      .object({
        decision: z.enum(['approve', 'reject']),
        by: z.string(),
        message: z.string().optional(),
        at: z.string(),
      })
      .optional(),
    attention: z.object({ reason: z.string(), since: z.string() }).optional(),
    refunds: z.array(refund),
    rejected: z.array(z.object({ input: z.string(), code: z.string(), at: z.string() })),
  }),
)
