import { lateInterceptId, readEnvelope, shipmentChanged } from '@countermand/contracts'
import { type IncomingMessage, readEvent } from '@countermand/messaging'
import { cameBackSignal, type LateIntercept, lateInterceptMemo, lateInterceptType } from '../protocol/late-intercept.ts'
import { type Case, type CasesOptions, createCases } from './cases.ts'

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

/** Starts a saga of its own for each parcel that comes back though its intercept was taken back, or goes out though it was stopped. */
export const createLateIntercepts = (options: CasesOptions) => createCases(options, metric, read)
