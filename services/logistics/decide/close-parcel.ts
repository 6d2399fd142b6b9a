import type { AnswerTo, CommandData } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service'
import { type LogisticsOrder, shipmentOf, stopOf } from '../state.ts'
import { advance } from './advance.ts'
import { handOn } from './other-requests.ts'
import { progressOf } from './parcel-stop.ts'
import { callIds, waitIds } from './tasks.ts'

const closed = { answer: { type: 'RoundClosed' } } as const

/**
 * `CloseRound` about one parcel: it came back though its intercept was taken back, and a person has taken care of it. Its carrier is not
 * asked to bring it any more, in no round that is about another parcel of the request either.
 */
export const closeParcel = (
  order: LogisticsOrder | undefined,
  { requestId, shipmentId }: CommandData<'CloseRound'>,
  at: Moment,
): Decision<LogisticsOrder, AnswerTo<'CloseRound'>> => {
  const stop = stopOf(order, requestId)
  const shipment = order && shipmentId !== undefined ? shipmentOf(order, shipmentId) : undefined
  if (order === undefined || stop === undefined || shipment === undefined) return closed
  const progress = progressOf(stop, shipment.shipmentId)
  switch (progress?.state) {
    case 'late-intercepted':
    case 'resume-stuck':
    case 'label-wanted':
    case 'resuming': {
      const call = progress.state === 'resuming' ? callIds(order, stop, shipment.shipmentId, progress) : []
      const label = progress.state === 'label-wanted' ? waitIds(order, stop, shipment.shipmentId, progress.begun) : []
      const unschedule = [...call, ...label]
      const move = { shipmentId: shipment.shipmentId, progress: { state: 'left-as-is' }, unschedule } as const
      return {
        ...handOn(advance(order, stop, [move]), { requestId, shipmentId: shipment.shipmentId }, at.now),
        ...closed,
      }
    }
    default:
      return closed
  }
}
