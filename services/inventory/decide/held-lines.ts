import { apportion } from '@countermand/contracts'
import { type HeldLine, type Line, placeOfParcel, type Reservation } from '../state.ts'
import { surveyOf, whereabouts } from './whereabouts.ts'

/** The units that a request takes, and where they are: of those parcels that logistics stops for it. */
export const heldLines = (reservation: Reservation, asked: readonly Line[]): HeldLine[] => {
  const { left, parcels } = surveyOf(reservation)
  const taken = Map.groupBy(apportion(asked, reservation.parcels, left), ({ lineId }) => lineId)
  return asked.flatMap((line) =>
    (taken.get(line.lineId) ?? []).map(({ shipmentId, quantity }): HeldLine => {
      const parcel = shipmentId === undefined ? undefined : parcels.get(shipmentId)
      const place = parcel === undefined ? whereabouts(reservation, line.lineId) : placeOfParcel(parcel.status)
      const from = place === 'reserved' ? 'reserved' : 'shipped'
      return { ...line, quantity, from, ...(shipmentId !== undefined && { shipmentId }) }
    }),
  )
}
