import type { ReadDatabase } from '@countermand/database'
import { z } from 'zod'

const shipment = z.object({
  shipmentId: z.string(),
  carrier: z.string(),
  trackingNumber: z.string(),
  earlierTrackingNumbers: z.array(z.string()),
  status: z.string(),
  lineIds: z.array(z.string()),
  /** How many units of each; `null`: nobody said. */
  lines: z.array(z.object({ lineId: z.string(), quantity: z.number() })).nullable(),
  /** What each request did to it. */
  stops: z.array(
    z.object({ requestId: z.string(), phase: z.string(), state: z.string(), failure: z.string().nullable() }),
  ),
})

/** An order's parcel. */
export type ShipmentFacts = z.infer<typeof shipment>

export const shipmentsOf = (database: ReadDatabase, orderId: string): Promise<ShipmentFacts[]> =>
  database.rows(
    shipment,
    `select shipment_id as "shipmentId", carrier, tracking_number as "trackingNumber",
       earlier_tracking_numbers as "earlierTrackingNumbers", status, line_ids as "lineIds", lines, coalesce((
         select jsonb_agg(jsonb_build_object('requestId', stops.request_id, 'phase', stops.phase,
           'state', parcel -> 'progress' ->> 'state', 'failure', parcel -> 'progress' ->> 'failure') order by stops.place)
         from stops, jsonb_array_elements(stops.parcels) parcel
         where stops.order_id = shipments.order_id and parcel ->> 'shipmentId' = shipments.shipment_id
       ), '[]') as stops
     from shipments where order_id = $1 order by place`,
    [orderId],
  )

const due = z.object({ requestId: z.string(), at: z.string() })

/** Until when a carrier may answer, by request, of these or of all. */
export const carriersAwaited = (
  database: ReadDatabase,
  requestIds: readonly string[] | undefined,
): Promise<z.infer<typeof due>[]> =>
  database.rows(
    due,
    `select request_id as "requestId", min(parcel -> 'progress' ->> 'until') as at
     from stops, jsonb_array_elements(parcels) parcel
     where not answered and parcel -> 'progress' ->> 'state' = 'accepted' and ($1::text[] is null or request_id = any ($1)) group by request_id`,
    [requestIds ?? null],
  )

const name = z.object({ name: z.string() })

/** Every carrier that has a parcel. */
export const carriersUsed = async (database: ReadDatabase): Promise<string[]> =>
  (await database.rows(name, 'select distinct carrier as name from shipments')).map((each) => each.name)
