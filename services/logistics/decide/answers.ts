import type { Answer, ShipmentResult } from '@countermand/contracts'
import { type LogisticsOrder, shipmentOf } from '../state.ts'
import type { ParcelStop, Stop, StopFailure } from './parcel-stop.ts'

export type StopAnswer = Answer<
  'NothingToStop' | 'LabelVoided' | 'ShipmentIntercepted' | 'InterceptFailed' | 'StepFailed'
>
export type ReleaseAnswer = Answer<'LabelsReleased' | 'StepFailed'>
export type ResumeAnswer = Answer<'ShipmentResumed' | 'StepFailed'>

const resultOf = (progress: ParcelStop): Omit<ShipmentResult, 'shipmentId'> | undefined => {
  switch (progress.state) {
    case 'not-needed':
    case 'left-as-is':
      return { result: 'not-needed' }
    case 'label-voided':
    case 'intercepted':
      return { result: progress.state }
    case 'late-intercepted':
      return { result: 'intercepted' }
    case 'held':
    case 'releasing':
    case 'release-stuck':
      return { result: 'paused', labelKept: true }
    case 'released':
      return { result: progress.label === 'kept' ? 'paused' : 'label-voided' }
    case 'failed':
      return { result: 'failed', failure: progress.failure }
    case 'resumed':
      return { result: 'resumed' }
    case 'accepted':
      return progress.counts === true ? { result: 'intercepted' } : undefined
    case 'stopping':
    case 'stuck':
    case 'holding':
    case 'resuming':
    case 'resume-stuck':
    case 'label-wanted':
      return undefined
  }
}

/** What is known for good of a request's parcels. */
export const resultsOf = (stop: Stop): ShipmentResult[] =>
  stop.parcels.flatMap(({ shipmentId, progress }) => {
    const result = resultOf(progress)
    return result === undefined ? [] : [{ shipmentId, ...result }]
  })

const reasons: Record<StopFailure, string> = {
  delivered: 'was already delivered',
  'out-for-delivery': 'is out for delivery',
  ineligible: 'cannot be intercepted by its carrier',
  refused: 'was not stopped: the carrier refused',
  'no-answer': 'was not stopped: the carrier did not answer in time',
  'holds-other-lines': 'is on its way with other lines or units, which are not cancelled',
}

const reasonOf = (progress: Extract<ParcelStop, { state: 'failed' }>): string => {
  const { failure, reason, by } = progress
  const words = reason === undefined ? '' : `: ${reason}`
  if (by === undefined) return `${reasons[failure]}${words}`
  return failure === 'no-answer'
    ? 'was not held: the warehouse did not say in time that it keeps it'
    : `was not held: the warehouse could not${words}`
}

const failureMessage = (order: LogisticsOrder, stop: Stop): string =>
  stop.parcels
    .flatMap(({ shipmentId, progress }) => {
      const shipment = shipmentOf(order, shipmentId)
      if (progress.state !== 'failed' || shipment === undefined) return []
      return [`parcel ${shipmentId} (${shipment.carrier} ${shipment.trackingNumber}) ${reasonOf(progress)}`]
    })
    .join('; ')

const technicalFailure = (
  parcels: readonly { shipmentId: string; error: string; attempts: number }[],
): Answer<'StepFailed'> => ({
  type: 'StepFailed',
  error: parcels.map(({ shipmentId, error }) => `parcel ${shipmentId}: ${error}`).join('; '),
  attempts: Math.max(...parcels.map(({ attempts }) => attempts)),
  moneyInDoubt: false,
})

const stuckIn = (stop: Stop, state: 'stuck' | 'resume-stuck' | 'release-stuck') =>
  stop.parcels.flatMap(({ shipmentId, progress }) =>
    progress.state === state && 'error' in progress
      ? [{ shipmentId, error: progress.error, attempts: progress.attempts }]
      : [],
  )

const isAwaited = (progress: ParcelStop): boolean =>
  progress.state === 'holding' || (progress.state === 'accepted' && progress.counts !== true)

/**
 * The answer to a stop once each of its parcels is settled; `undefined` before. A technical failure is told at once, though another
 * carrier may take days to answer. A final "no" counts more than a technical failure:
 * whatever the retry would bring, the request is turned back, and its undo takes care of the parcel in doubt.
 */
export const stopAnswer = (order: LogisticsOrder, stop: Stop): StopAnswer | undefined => {
  const states = new Set(stop.parcels.map(({ progress }) => progress.state))
  if (states.has('stopping')) return undefined
  if (states.has('stuck') && !states.has('failed')) return technicalFailure(stuckIn(stop, 'stuck'))
  if (stop.parcels.some(({ progress }) => isAwaited(progress))) return undefined
  const shipments = resultsOf(stop)
  if (states.has('failed')) return { type: 'InterceptFailed', shipments, message: failureMessage(order, stop) }
  if (states.has('intercepted') || states.has('accepted')) return { type: 'ShipmentIntercepted', shipments }
  if (states.has('label-voided')) return { type: 'LabelVoided', shipments }
  return { type: 'NothingToStop', shipments }
}

/** The answer to a release once each label has been given back, or will not be; `undefined` before. */
export const releaseAnswer = (stop: Stop): ReleaseAnswer | undefined => {
  const states = new Set(stop.parcels.map(({ progress }) => progress.state))
  if (states.has('releasing')) return undefined
  if (states.has('release-stuck')) return technicalFailure(stuckIn(stop, 'release-stuck'))
  return { type: 'LabelsReleased', shipments: resultsOf(stop) }
}

/** The answer to an undo once each parcel is on its way again or left to its fate; `undefined` before. */
export const resumeAnswer = (stop: Stop): ResumeAnswer | undefined => {
  const states = new Set(stop.parcels.map(({ progress }) => progress.state))
  if (states.has('stopping') || states.has('releasing') || states.has('resuming')) return undefined
  if (states.has('resume-stuck')) return technicalFailure(stuckIn(stop, 'resume-stuck'))
  if (states.has('label-wanted')) return undefined
  return { type: 'ShipmentResumed', shipments: resultsOf(stop) }
}
