import { type LineUnits, shipmentStatus, type TakenUnits } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { ParcelStop, Stop, StoppedParcel } from '../decide/parcel-stop.ts'
import type { Shipment } from '../decide/shipment.ts'

/** What is read from the database, checked: an order's rows as its state. */

const lineUnits = exactly<LineUnits>()(z.object({ lineId: z.string(), quantity: z.int() }))

const takenUnits = exactly<TakenUnits>()(
  z.object({ lineId: z.string(), quantity: z.int(), shipmentId: z.string().optional() }),
)

const stopOperation = z.enum(['void-label', 'intercept'])
const resumeOperation = z.enum(['relabel', 'resume'])
const begun = z.int()
const label = z.enum(['voided', 'void-asked', 'kept'])
const trouble = { begun, error: z.string(), attempts: z.int() }
const failure = z.enum(['delivered', 'out-for-delivery', 'ineligible', 'refused', 'no-answer', 'holds-other-lines'])

const progress = exactly<ParcelStop>()(
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('not-needed'), withheld: z.array(z.string()), open: z.boolean() }),
    z.object({ state: z.literal('stopping'), operation: stopOperation, begun, inDoubt: z.boolean() }),
    z.object({
      ...{ state: z.literal('accepted'), operation: stopOperation, begun, until: z.string() },
      counts: z.literal(true).exactOptional(),
    }),
    z.object({ state: z.literal('label-voided') }),
    z.object({ state: z.literal('holding'), begun, until: z.string() }),
    z.object({ state: z.literal('held') }),
    z.object({
      ...{ state: z.literal('releasing'), operation: z.literal('void-label'), begun },
      unasked: z.literal(true).exactOptional(),
    }),
    z.object({ state: z.literal('release-stuck'), operation: z.literal('void-label'), ...trouble }),
    z.object({ state: z.literal('released'), label, reason: z.string().exactOptional() }),
    z.object({ state: z.literal('intercepted') }),
    z.object({
      ...{ state: z.literal('failed'), failure, open: z.boolean(), reason: z.string().exactOptional() },
      by: z.literal('warehouse').exactOptional(),
    }),
    z.object({
      ...{ state: z.literal('stuck'), operation: stopOperation, ...trouble },
      ...{ inDoubt: z.boolean().optional(), late: z.literal(true).exactOptional() },
    }),
    z.object({ state: z.literal('resuming'), operation: resumeOperation, begun }),
    z.object({
      ...{ state: z.literal('resume-stuck'), operation: resumeOperation },
      ...{ ...trouble, refused: failure.exactOptional() },
    }),
    z.object({ state: z.literal('label-wanted'), operation: z.literal('relabel'), begun, until: z.string() }),
    z.object({ state: z.literal('resumed'), operation: resumeOperation.or(z.literal('unhold')), at: z.string() }),
    z.object({ state: z.literal('left-as-is') }),
    z.object({ state: z.literal('late-intercepted'), at: z.string() }),
  ]),
)

const stoppedParcel = exactly<StoppedParcel>()(
  z.object({
    ...{ shipmentId: z.string(), progress, carrierRef: z.string().exactOptional() },
    fee: z.object({ amount: z.number(), currency: z.string() }).exactOptional(),
  }),
)

const shipment = exactly<Shipment>()(
  z.object({
    shipmentId: z.string(),
    carrier: z.string(),
    trackingNumber: z.string(),
    shipmentRef: z.string().nullable(),
    earlierTrackingNumbers: z.array(z.string()),
    status: shipmentStatus,
    at: z.string().nullable(),
    byOurClock: z.boolean(),
    lineIds: z.array(z.string()),
    lines: z.array(lineUnits).nullable(),
  }),
)

const stop = exactly<Stop>()(
  z.object({
    requestId: z.string(),
    phase: z.enum(['paused', 'stopping', 'resuming', 'resumed']),
    round: z.int(),
    answered: z.boolean(),
    whole: z.boolean(),
    lines: z.array(lineUnits),
    taken: z.array(takenUnits),
    parcels: z.array(stoppedParcel),
  }),
)

const ofOrder = { orderId: z.string() }
export const orderRow = z.object({
  ...ofOrder,
  merchantId: z.string().nullable(),
  lines: z.array(lineUnits),
  version: z.int(),
})
export const shipmentRow = shipment.extend(ofOrder)
export const stopRow = stop.extend(ofOrder)
