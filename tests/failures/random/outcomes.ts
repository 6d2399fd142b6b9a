import { isGoods } from '@countermand/contracts'
import { progressOf } from '@countermand/logistics/decide/parcel-stop.ts'
import { stopOf } from '@countermand/logistics/state.ts'
import type { CancellationRequest, EndedRequest } from '@countermand/order/decide/request.ts'
import type { Played } from './play.ts'

export type Finding = string | false

/** The steps that people let the saga go on without. */
export const skippedOf = ({ records }: CancellationRequest): string[] =>
  records.flatMap(({ record }) => (record.what === 'resolved' && record.decision === 'skip' ? [record.step] : []))

/** The tender of a case in which a person has its channel asked again: they have found that it was not given by hand. */
const askedAgain = ({ shop }: Played, { step, decision }: { readonly step: string; readonly decision: string }) => {
  const refundId = /^(?:failed|reversed)\.(.*)$/.exec(step)?.[1]
  if (refundId === undefined || decision === 'skip') return undefined
  return shop.states.payments.get(shop.orderId)?.refunds.find((each) => each.refundId === refundId)?.tenderId
}

/**
 * What people said they gave by hand, by tender: their latest word. Without one: of those that no channel was asked about, as payment takes it: a
 * later word about a tender takes its part out of that.
 */
const byHand = (played: Played, { records, ...known }: EndedRequest): ReadonlyMap<string | undefined, number> => {
  const words = new Map<string | undefined, number>()
  const refunds = known.end && 'refunds' in known.end ? known.end.refunds : []
  const say = (tenderId: string | undefined, amount: number, isTold: boolean) => {
    if (tenderId !== undefined && isTold && !words.has(tenderId)) {
      const its = sum(refunds.flatMap((each) => (each.tenderId === tenderId ? [each.amount] : [])))
      words.set(undefined, Math.max(0, (words.get(undefined) ?? 0) - its))
    }
    words.set(tenderId, amount)
  }
  for (const { record } of records) {
    if (record.what !== 'resolved') continue
    const isTold = words.has(undefined)
    for (const { tenderId, amount } of record.settled ?? []) say(tenderId, amount, isTold)
    const again = askedAgain(played, record)
    if (again !== undefined && isTold && !words.has(again)) say(again, 0, true)
  }
  return words
}

export const sum = (amounts: Iterable<number>): number => [...amounts].reduce((total, amount) => total + amount, 0)

const parcelsOf = ({ shop }: Played, requestId: string) => {
  const order = shop.states.stops.get(shop.orderId)
  const stop = stopOf(order, requestId)
  const stoppedByAnother = (shipmentId: string) =>
    order?.stops.some(
      (each) => each.requestId !== requestId && each.phase === 'stopping' && progressOf(each, shipmentId) !== undefined,
    ) ?? false
  return { stop, stoppedByAnother }
}

/** A parcel that moves although its label was voided may come back without an intercept. */
const isStopped = (atCarrier: string): boolean => atCarrier === 'label-voided' || atCarrier === 'intercepted'

const stopped: readonly string[] = [
  ...['not-needed', 'label-voided', 'intercepted', 'releasing', 'release-stuck', 'released'],
]
const goesOn: readonly string[] = ['resumed', 'left-as-is', 'late-intercepted']

/** A parcel that went out all the same after the end, and somebody was told. */
const isTold = ({ records }: CancellationRequest, shipmentId: string): boolean =>
  records.some(({ key }) => key.includes(`.parcel.${shipmentId}.`))

const refundsOf = ({ shop }: Played, requestId: string) => {
  const payment = shop.states.payments.get(shop.orderId)
  const entries = (payment?.newPostings ?? []).filter(
    ({ event, ...each }) => each.requestId === requestId && (event === 'succeeded' || event === 'reversed'),
  )
  return {
    net: sum(entries.map(({ event, amount }) => (event === 'reversed' ? -amount : amount))),
    request: payment?.requests.find((each) => each.requestId === requestId),
    any: entries.length > 0,
  }
}

/** Refunds that the public end tells of as if they were not over. */
const tellsOfOpen = ({ end }: EndedRequest) =>
  'refunds' in end ? end.refunds.filter(({ state }) => state !== 'succeeded' && state !== 'reversed') : []

/** 5. What is cancelled is refunded in full, stopped, and back on sale. */
export const cancelled = (played: Played, known: EndedRequest & { readonly begun: object }): Finding[] => {
  const { requestId } = known.request
  const { shop } = played
  const skipped = skippedOf(known)
  const isSkipped = (step: string) => skipped.includes(step)
  const begun = known.status === 'confirmed' ? known.begun : undefined
  if (begun === undefined) return [`5: ${requestId} ended as ${known.end.outcome}, but is ${known.status}`]
  const refunds = refundsOf(played, requestId)
  const { stop } = parcelsOf(played, requestId)
  const hold = shop.states.reservations.get(shop.orderId)?.holds.find((each) => each.requestId === requestId)
  const settled = byHand(played, known)
  const has = refunds.net + sum(settled.values())
  const told = 'refunds' in known.end ? sum(known.end.refunds.map(({ amount }) => amount)) : 0
  return [
    has !== begun.amount &&
      `5: of ${begun.amount} of ${requestId} the customer has ${has}: refunded ${refunds.net}, by hand ${JSON.stringify([...settled])}`,
    ...tellsOfOpen(known).map(
      ({ tenderId, state }) =>
        !isSkipped('refund') && `5: ${requestId} ended, its refund of ${tenderId} told as ${state}`,
    ),
    (told > begun.amount || told + (settled.get(undefined) ?? 0) < begun.amount) &&
      `5: ${requestId} of ${begun.amount}, told ${told}`,
    stop?.phase !== 'stopping' && !isSkipped('stop-parcels') && `5: ${requestId} left no stop mark, got ${stop?.phase}`,
    ...(stop?.parcels ?? []).map(
      ({ shipmentId, progress }) =>
        !isSkipped('stop-parcels') &&
        !stopped.includes(progress.state) &&
        !(progress.state === 'held' && isSkipped('release-labels')) &&
        !isTold(known, shipmentId) &&
        `5: ${requestId}: ${shipmentId} is ${progress.state}`,
    ),
    ...(stop?.parcels ?? []).map(({ shipmentId, progress }) => {
      const atCarrier = shop.carrierBook.get(shipmentId)?.state
      const claims =
        progress.state === 'label-voided' ||
        progress.state === 'intercepted' ||
        (progress.state === 'released' && progress.label === 'voided')
      return (
        stop?.phase === 'stopping' &&
        claims &&
        atCarrier !== undefined &&
        !isStopped(atCarrier) &&
        `5: ${shipmentId} is ${progress.state}, its carrier says ${atCarrier}`
      )
    }),
    !isSkipped('set-stock-aside') &&
      !isSkipped('return-stock') &&
      hold?.returned !== true &&
      `5: the stock of ${requestId} is not returned`,
    hold !== undefined &&
      begun.lines.some(
        ({ lineId, quantity, kind }) =>
          isGoods({ kind }) &&
          sum(hold.lines.filter((each) => each.lineId === lineId).map((each) => each.quantity)) !== quantity,
      ) &&
      `5: ${requestId} holds other units than it cancelled`,
  ]
}

/** 6. Of what came to nothing nothing is left. */
export const asBefore = (played: Played, known: EndedRequest): Finding[] => {
  const { requestId } = known.request
  const { shop } = played
  const skipped = skippedOf(known)
  const refunds = refundsOf(played, requestId)
  const { stop, stoppedByAnother } = parcelsOf(played, requestId)
  const hold = shop.states.reservations.get(shop.orderId)?.holds.find((each) => each.requestId === requestId)
  const { outcome } = known.end
  const parcels = skipped.includes('stop-parcels') ? [] : (stop?.parcels ?? [])
  const order = shop.states.stops.get(shop.orderId)
  return [
    refunds.any && `6: ${requestId} ended as ${outcome}, and money moved`,
    refunds.request?.status === 'asked' &&
      refunds.request.crossedAt !== undefined &&
      `6: ${requestId} ended as ${outcome} beyond the pivot`,
    hold !== undefined &&
      !skipped.includes('set-stock-aside') &&
      `6: ${requestId} ended as ${outcome}, and holds stock`,
    parcels.length > 0 &&
      stop?.phase !== 'resumed' &&
      `6: ${requestId} ended as ${outcome}, its stop is ${stop?.phase}`,
    ...parcels.map(
      ({ shipmentId, progress }) =>
        !goesOn.includes(progress.state) &&
        !skipped.some((step) => step.startsWith('parcel.')) &&
        `6: ${requestId}: ${shipmentId} is ${progress.state}`,
    ),
    ...parcels.map(({ shipmentId, progress }) => {
      const entry = shop.carrierBook.get(shipmentId)
      const shipment = order?.shipments.find((each) => each.shipmentId === shipmentId)
      // Its carrier turned it round by itself, and everybody was told.
      const comesBack = entry?.state === 'intercepted' && ['returning', 'returned'].includes(shipment?.status ?? '')
      const asSent = entry?.state === 'as-sent' && entry.trackingNumber === shipment?.trackingNumber
      const wrong = entry !== undefined && !comesBack && !asSent
      return (
        progress.state === 'resumed' &&
        wrong &&
        !stoppedByAnother(shipmentId) &&
        `6: ${shipmentId} goes on, its carrier says ${entry.state} ${entry.trackingNumber}`
      )
    }),
  ]
}
