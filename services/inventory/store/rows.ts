import { shipmentStatus } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { Hold, Line, Parcel, Units } from '../state.ts'

/** What is read from the database, checked: an order's rows as its state. */

const line = exactly<Line>()(z.object({ lineId: z.string(), sku: z.string(), quantity: z.int() }))
const parcel = exactly<Parcel>()(
  z.object({
    shipmentId: z.string(),
    status: shipmentStatus,
    lineIds: z.array(z.string()),
    lines: z.array(z.object({ lineId: z.string(), quantity: z.int() })).optional(),
    at: z.string().nullable(),
  }),
)
const hold = exactly<Hold>()(
  z.object({
    requestId: z.string(),
    returned: z.boolean(),
    lines: z.array(line.extend({ from: z.enum(['reserved', 'shipped']), shipmentId: z.string().optional() })),
  }),
)
const units = exactly<Units>()(
  z.object({
    reserved: z.int(),
    aside: z.int(),
    shipped: z.int(),
    'on-sale': z.int(),
    'written-off': z.int(),
  }),
)
/** One order's reservation with all its rows. */
export const reservationRow = z.object({
  orderId: z.string(),
  lines: z.array(line),
  counted: z.record(z.string(), units),
  parcels: z.array(parcel),
  holds: z.array(hold),
  version: z.int(),
})
