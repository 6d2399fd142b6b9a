import { freeUnits, unitsOf } from '@countermand/inventory/decide/whereabouts.ts'
import { isLive } from '@countermand/logistics/decide/parcel-stop.ts'
import { leftAfter } from '@countermand/logistics/decide/taken.ts'
import type { EndedRequest } from '@countermand/order/decide/request.ts'
import { asBefore, cancelled, type Finding, sum } from './outcomes.ts'
import type { Played } from './play.ts'

/** The invariants of the specification, over the states of one order's services, once all is quiet. What is broken, in words. */

const isCancelled = ({ end }: EndedRequest) => end.outcome === 'cancelled' || end.outcome === 'lines-cancelled'

/** 1. Refunded ≤ captured, and the ledger is what the channels say. */
const money = ({ shop }: Played): Finding[] => {
  const payment = shop.states.payments.get(shop.orderId)
  if (payment === undefined) return []
  return payment.tenders.flatMap(({ tenderId, captured, refunded }) => {
    const entries = payment.newPostings.filter((each) => each.tenderId === tenderId)
    const ledger = sum(
      entries.map(({ event, amount }) => (event === 'succeeded' ? amount : event === 'reversed' ? -amount : 0)),
    )
    const atSandbox = payment.refunds.filter(
      (each) => each.tenderId === tenderId && each.destination === 'original' && each.progress.state === 'succeeded',
    )
    const moved = sum(shop.bank.moved(tenderId).values())
    const told = sum(atSandbox.map(({ amount }) => amount))
    return [
      (refunded < 0 || refunded > captured) && `1: tender ${tenderId} captured ${captured}, refunded ${refunded}`,
      ledger !== refunded && `1: tender ${tenderId} refunded ${refunded}, its ledger says ${ledger}`,
      moved !== told && `1: tender ${tenderId}: ledger ${told}, channel ${moved}`,
    ]
  })
}

/** 2. Every unit is in one place, and nothing is cancelled twice. */
const stock = ({ shop }: Played): Finding[] => {
  const reservation = shop.states.reservations.get(shop.orderId)
  return (reservation?.lines ?? []).flatMap((line) => {
    if (reservation === undefined) return []
    const units = Object.values(unitsOf(reservation, line))
    return [
      sum(units) !== line.quantity && `2: line ${line.lineId} has ${units} of ${line.quantity} units`,
      freeUnits(reservation, line) < 0 && `2: line ${line.lineId} is held more than once`,
    ]
  })
}

/** 3 and 4. Nobody holds the order, and each request came to one end, told once. */
const ends = ({ shop, requests, stuck }: Played): Finding[] => {
  const state = shop.states.orders.get(shop.orderId)
  return [
    ...stuck.map((what) => `4: not over: ${what}`),
    state?.order?.heldBy !== undefined && `3: the order is held by ${state.order.heldBy}`,
    ...requests.flatMap(({ requestId }) => {
      const known = state?.requests.get(requestId)
      const told = [...shop.story.values()].flatMap(({ data }) =>
        data.requestId === requestId && typeof data.outcome === 'string' ? [data.outcome] : [],
      )
      const outcome = known !== undefined && 'end' in known ? known.end.outcome : 'none'
      return [
        (told.length !== 1 || told[0] !== outcome) &&
          `4: ${requestId} ended as ${outcome}, was told ${told.join() || 'nothing'}`,
      ]
    }),
  ]
}

/** The order is what its confirmed requests made of it, and nothing else. */
const order = ({ shop }: Played): Finding[] => {
  const state = shop.states.orders.get(shop.orderId)
  if (state?.order === undefined) return []
  const confirmed = [...state.requests.values()].flatMap((each) =>
    each.status === 'confirmed' ? each.begun.lines : [],
  )
  return state.order.placed.lines.map(({ lineId, quantity }) => {
    const units = sum(confirmed.filter((each) => each.lineId === lineId).map((each) => each.quantity))
    const known = state.order?.cancelled.get(lineId) ?? 0
    return (
      (units !== known || known > quantity) &&
      `5: line ${lineId}: ${known} of ${quantity} cancelled, its requests say ${units}`
    )
  })
}

/** No request takes more units than it names, and no parcel that says what it holds is stopped while the order wants something of it. */
const parcels = ({ shop }: Played): Finding[] => {
  const known = shop.states.stops.get(shop.orderId)
  if (known === undefined) return []
  const live = known.stops.filter(isLive)
  const { inParcels } = leftAfter(known)
  return live.flatMap((stop): Finding[] => [
    ...stop.lines.map(({ lineId, quantity }): Finding => {
      const taken = sum(stop.taken.filter((each) => each.lineId === lineId).map((each) => each.quantity))
      return (
        taken > quantity &&
        `5: ${stop.requestId} takes ${taken} of line ${lineId} out of parcels, asked for ${quantity}`
      )
    }),
    ...stop.parcels.map(({ shipmentId, progress }): Finding => {
      const isStopped = progress.state === 'label-voided' || progress.state === 'intercepted'
      const wanted = sum((inParcels.get(shipmentId) ?? new Map()).values())
      return (
        isStopped &&
        wanted > 0 &&
        !live.some(({ whole }) => whole) &&
        `5: ${shipmentId} is stopped, and ${wanted} units of it are wanted`
      )
    }),
  ])
}

const letters = ({ shop, scenario }: Played): Finding[] => {
  const belong = scenario.reusesId ? ['request-id-reused'] : []
  const strange = shop.letters.filter((reason) => !belong.includes(reason))
  return [
    ...strange.map((reason) => `a dead letter: ${reason}`),
    ...shop.errors.map((error) => `an error: ${error instanceof Error ? error.stack : String(error)}`),
  ]
}

/** What is not as it has to be, in words. */
export const brokenBy = (played: Played): string[] => {
  const requests = [...(played.shop.states.orders.get(played.shop.orderId)?.requests.values() ?? [])]
  const ofRequests = requests.flatMap((known) => {
    if (!('end' in known)) return []
    return isCancelled(known) && 'begun' in known && known.begun !== undefined
      ? cancelled(played, { ...known, begun: known.begun })
      : asBefore(played, known)
  })
  const findings = [
    ...money(played),
    ...stock(played),
    ...ends(played),
    ...ofRequests,
    ...order(played),
    ...parcels(played),
    ...letters(played),
  ]
  return findings.filter((finding) => finding !== false)
}
