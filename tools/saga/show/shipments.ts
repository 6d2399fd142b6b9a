import { z } from 'zod'
import type { ReadDatabase } from '../databases.ts'

const shipment = z.object({
  shipmentId: z.string(),
  carrier: z.string(),
  trackingNumber: z.string(),
  earlierTrackingNumbers: z.array(z.string()),
  status: z.string(),
  lineIds: z.array(z.string()),
  /** What each request did to it. */
  stops: z.array(
    z.object({ requestId: z.string(), phase: z.string(), state: z.string(), failure: z.string().nullable() }),
  ),
})
export type ShipmentFacts = z.infer<typeof shipment>

export const shipmentFacts = (database: ReadDatabase, orderId: string): Promise<ShipmentFacts[]> =>
  database.rows(
    shipment,
    `select shipment_id as "shipmentId", carrier, tracking_number as "trackingNumber",
       earlier_tracking_numbers as "earlierTrackingNumbers", status, line_ids as "lineIds", coalesce((
         select jsonb_agg(jsonb_build_object('requestId', stops.request_id, 'phase', stops.phase,
           'state', parcel -> 'progress' ->> 'state', 'failure', parcel -> 'progress' ->> 'failure') order by stops.place)
         from stops, jsonb_array_elements(stops.parcels) parcel
         where stops.order_id = shipments.order_id and parcel ->> 'shipmentId' = shipments.shipment_id
       ), '[]') as stops
     from shipments where order_id = $1 order by place`,
    [orderId],
  )
