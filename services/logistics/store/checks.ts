import type { Check } from '@countermand/service/checks.ts'

/** One row for each parcel that a request's stop is about, with what the sandbox carrier's own book says of it. */
const parcels = `
  (select stops.order_id, stops.request_id, stops.phase, parcel ->> 'shipmentId' as shipment_id,
     parcel -> 'progress' ->> 'state' as progress, parcel -> 'progress' ->> 'label' as label,
     parcel -> 'progress' ->> 'counts' as counts, shipments.status, shipments.tracking_number,
     book.state as carrier_state, book.tracking_number as carrier_tracking_number,
     exists (
       select from stops other, jsonb_array_elements(other.parcels) theirs
       where other.order_id = stops.order_id and other.request_id <> stops.request_id and other.phase = 'stopping'
         and theirs ->> 'shipmentId' = parcel ->> 'shipmentId'
     ) as stopped_by_another
   from stops cross join jsonb_array_elements(stops.parcels) parcel
     left join shipments on shipments.order_id = stops.order_id and shipments.shipment_id = parcel ->> 'shipmentId'
     left join sandbox.carrier_book book on book.order_id = stops.order_id and book.shipment_id = parcel ->> 'shipmentId')`

export const checks: readonly Check[] = [
  {
    invariant: 5,
    says: 'a cancellation left a stop mark: nothing is shipped for it later',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, stops.phase
      from ended left join stops using (order_id, request_id)
      where ended.outcome in ('cancelled', 'lines-cancelled') and stops.phase is distinct from 'stopping'
        and not 'stop-parcels' = any (ended.skipped)`,
  },
  {
    invariant: 5,
    says: "a cancellation's parcels are stopped, or were never to be",
    offending: `
      select parcels.* from ended join ${parcels} parcels using (order_id, request_id)
      where ended.outcome in ('cancelled', 'lines-cancelled')
        and parcels.progress not in ('not-needed', 'label-voided', 'intercepted', 'releasing', 'release-stuck', 'released')
        -- Its carrier has taken it on, and that counts.
        and not (parcels.progress = 'accepted' and parcels.counts is not distinct from 'true')
        and not (parcels.progress = 'held' and 'release-labels' = any (ended.skipped))
        and not 'stop-parcels' = any (ended.skipped)
        -- One that went out all the same after the end is in somebody's hands: told, or decided about.
        and not exists (select from unnest(ended.later) key where strpos(key, '.parcel.' || parcels.shipment_id || '.') > 0)`,
  },
  {
    invariant: 5,
    says: "the carrier's book agrees that a parcel was stopped",
    offending: `
      select * from ${parcels} parcels
      where phase = 'stopping' and (progress in ('label-voided', 'intercepted') or label = 'voided')
        -- A parcel that moves although its label was voided may come back without an intercept.
        and carrier_state not in ('label-voided', 'intercepted')`,
  },
  {
    invariant: 6,
    says: 'a request that came to nothing has let all parcels go on',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, stops.phase, stops.parcels
      from ended join stops using (order_id, request_id)
      where ended.outcome in ('compensated', 'refused', 'withdrawn') and not 'stop-parcels' = any (ended.skipped)
        and (stops.phase <> 'resumed' or exists (
          select from jsonb_array_elements(stops.parcels) parcel
          where parcel -> 'progress' ->> 'state' not in ('resumed', 'left-as-is', 'late-intercepted')))
        -- A parcel that came back may be asked for once more.
        and not exists (select from unnest(ended.later) key where strpos(key, 'resolved.parcel.') = 1)`,
  },
  {
    invariant: 6,
    says: 'a parcel that comes back though its intercept was taken back is in somebody’s hands: told, or decided about',
    offending: `
      select ended.order_id, ended.request_id, parcel ->> 'shipmentId' as shipment_id, parcel -> 'progress' ->> 'at' as since
      from ended join stops using (order_id, request_id), jsonb_array_elements(stops.parcels) parcel
      where parcel -> 'progress' ->> 'state' = 'late-intercepted'
        and (parcel -> 'progress' ->> 'at')::timestamptz < now() - interval '1 minute'
        and ((parcel -> 'progress' ->> 'at')::timestamptz > ended.ended_at or ended.ended_at < now() - interval '7 hours')
        and not exists (select from unnest(ended.later) key
          where strpos(key, '.parcel.' || (parcel ->> 'shipmentId') || '.' || (parcel -> 'progress' ->> 'at') || '-') > 0)`,
  },
  {
    invariant: 6,
    says: "the carrier's book agrees that a parcel goes on, by the label that is valid now",
    offending: `
      select * from ${parcels} parcels
      where phase = 'resumed' and progress = 'resumed' and not stopped_by_another and carrier_state is not null
        and (carrier_state <> 'as-sent' or carrier_tracking_number <> tracking_number)`,
  },
]
