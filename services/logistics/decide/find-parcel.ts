import { type LogisticsOrder, shipmentOf, stopOf } from '../state.ts'
import { type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'
import type { ParcelTask } from './tasks.ts'

export type In<State extends ParcelStop['state']> = Extract<ParcelStop, { state: State }>

export interface Found<Progress> {
  readonly order: LogisticsOrder
  readonly stop: Stop
  readonly shipment: Shipment
  readonly progress: Progress
}

const isIn = <State extends ParcelStop['state']>(progress: ParcelStop, state: State): progress is In<State> =>
  progress.state === state

/** The parcel that a task is about; `undefined` when the work that the task was made for is over. */
export const findParcel = <
  State extends 'stopping' | 'accepted' | 'resuming' | 'label-wanted' | 'holding' | 'releasing',
>(
  order: LogisticsOrder | undefined,
  task: Pick<ParcelTask, 'requestId' | 'shipmentId' | 'begun'>,
  state: State,
): Found<In<State>> | undefined => {
  const stop = stopOf(order, task.requestId)
  if (order === undefined || stop === undefined) return undefined
  const progress = progressOf(stop, task.shipmentId)
  const shipment = shipmentOf(order, task.shipmentId)
  if (progress === undefined || shipment === undefined) return undefined
  if (!('begun' in progress) || progress.begun !== task.begun) return undefined
  return isIn(progress, state) ? { order, stop, shipment, progress } : undefined
}
