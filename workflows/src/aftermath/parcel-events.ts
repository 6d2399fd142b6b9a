import { lateInterceptId, readEnvelope, shipmentChanged } from '@countermand/contracts'
import { type IncomingMessage, readEvent } from '@countermand/kafka'
import { cameBackSignal, type LateIntercept, lateInterceptMemo, lateInterceptType } from '../protocol/late-intercept.ts'
import { type Case, type CasesOptions, createCases } from './cases.ts'
import type { NewsOfCase } from './news.ts'

export const parcelsGroup = 'countermand-parcels'

const metric = {
  name: 'countermand_parcel_events_total',
  help: 'Events of parcels, by what they came to',
}

const read = (message: IncomingMessage): Case<LateIntercept> | undefined => {
  const { orderId, shipmentId, carrier, trackingNumber, status, lateIntercept, lateDelivery } = shipmentChanged.parse(
    readEvent(readEnvelope(message), message).data,
  )
  const late = lateIntercept ?? lateDelivery
  if (late === undefined) return undefined
  const { requestId, since } = late
  const way = lateIntercept === undefined ? { goesOut: status } : {}
  const input: LateIntercept = { orderId, requestId, shipmentId, carrier, trackingNumber, since, ...way }
  return {
    workflowType: lateInterceptType,
    workflowId: lateInterceptId(input),
    formerId: `parcel-${requestId}-${shipmentId}`,
    orderId,
    requestId,
    stage: 'undoing',
    summary:
      lateIntercept === undefined
        ? `Late delivery of ${orderId}: parcel ${shipmentId} was not stopped (${carrier} ${trackingNumber})`
        : `Late intercept of ${orderId}: parcel ${shipmentId} comes back (${carrier} ${trackingNumber})`,
    input,
    memo: { name: lateInterceptMemo, value: since },
    signal: cameBackSignal,
  }
}

const newsIn = (message: IncomingMessage): NewsOfCase | undefined => {
  const event = readEvent(readEnvelope(message), message)
  const { newsFor, lateReturn, orderId, shipmentId, carrier, trackingNumber, status } = shipmentChanged.parse(
    event.data,
  )
  const step = { step: 'stop-parcels', direction: 'do' } as const
  const about = lateReturn === undefined ? newsFor : { ...lateReturn, ...step, over: true as const }
  if (about === undefined) return undefined
  const { requestId } = about
  return {
    news: {
      ...about,
      orderId,
      event: event.type,
      says: `parcel ${shipmentId} (${carrier} ${trackingNumber}) is ${status}`,
    },
    caseId: lateInterceptId({ requestId, shipmentId }),
    formerCaseId: `parcel-${requestId}-${shipmentId}`,
  }
}

/**
 * Starts a saga of its own for each parcel that comes back though its intercept was taken back, or goes out though it was stopped. One that
 * answers a step which is stuck lets that go on, and so does one of these that is back.
 */
export const createLateIntercepts = (options: CasesOptions) => createCases(options, metric, read, newsIn)
