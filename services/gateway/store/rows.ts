import { carrierNotified, channelNotified, shipmentStatus } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { Notice } from '../senders/sender.ts'

/** What was told, as it is read back. */
export const notice = exactly<Notice>()(
  z.object({
    eventId: z.string(),
    type: z.string(),
    occurredAt: z.string(),
    about: z.enum(['refund', 'payment', 'dispute', 'capture', 'parcel']),
    refundId: z.string().exactOptional(),
    payments: z.array(z.string()),
    providerRef: z.string().exactOptional(),
    amount: z.int().exactOptional(),
    currency: z.string().exactOptional(),
    inAll: z.literal(true).exactOptional(),
    dispute: z.enum(['opened', 'won', 'lost']).exactOptional(),
    undone: z.literal(true).exactOptional(),
    fact: channelNotified.shape.fact.unwrap().exactOptional(),
    parcel: z
      .object({
        carrier: z.string(),
        trackingNumber: z.string(),
        shipmentRef: z.string().exactOptional(),
        status: shipmentStatus.exactOptional(),
        stop: z.object({ carrierRef: z.string(), outcome: carrierNotified.shape.outcome.unwrap() }).exactOptional(),
      })
      .exactOptional(),
  }),
)
