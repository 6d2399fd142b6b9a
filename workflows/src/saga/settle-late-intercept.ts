import type { Resolution } from '@countermand/contracts'
import { CancellationScope, patched, setHandler } from '@temporalio/workflow'
import type { Call } from '../protocol/commands.ts'
import type { SagaResult } from '../protocol/inputs.ts'
import { cameBackSignal, type LateIntercept } from '../protocol/late-intercept.ts'
import { cancellationEnds, readCancellation, roundsOpened } from './run/after-the-end.ts'
import { ask } from './run/ask.ts'
import { park, type Trouble, troubleWith } from './run/attention.ts'
import { closeRound } from './run/close-round.ts'
import { close, listenToOperators } from './run/listen.ts'
import { happensAgain, mayBeOver } from './run/news.ts'
import { isReadable, unreadableStart } from './run/readable.ts'
import { openSaga, type Saga } from './run/saga.ts'
import { enter } from './run/show.ts'

/**
 * A parcel comes back though its intercept was taken back: the cancellation came to nothing, and its customer waits for goods that are
 * on their way to the warehouse. A person decides: its carrier is asked once more to bring it (`retry`), or they have taken care
 * of it (`skip`), by a new parcel or a new cancellation. The end that was told stays; the stock follows the parcel by itself.
 */
export async function settleLateIntercept(first: LateIntercept): Promise<SagaResult> {
  const unreadable = unreadableStart('settleLateIntercept', first)
  if (unreadable !== undefined) return unreadable
  const saga = openSaga(first)
  const toSettle = new Map([[first.since, first]])
  listenToOperators(saga)
  setHandler(cameBackSignal, (next) => {
    if (!isReadable(saga, 'cameBack', next)) return
    happensAgain(saga)
    toSettle.set(next.since, next)
  })
  // The customer waits for the goods: Temporal's Cancel does not change that.
  return CancellationScope.nonCancellable(async () => {
    enter(saga, 'undoing')
    // A map's loop also meets what is added to it meanwhile.
    for (const parcel of toSettle.values()) await settle(saga, parcel)
    return close(saga, { stage: 'closed' })
  })
}

const sought = 'what was decided about the parcel'

const stepOf = ({ shipmentId, since }: LateIntercept): string => `parcel.${shipmentId}.${since}`

const comesBack = ({ shipmentId, carrier, trackingNumber }: LateIntercept): Trouble => ({
  reason: 'undo-failed',
  error: `parcel ${shipmentId} (${carrier} ${trackingNumber}) comes back, though its intercept was taken back`,
  moneyInDoubt: false,
})

const bring = ({ orderId, shipmentId }: LateIntercept): Call<'ResumeShipment'> => ({
  command: 'ResumeShipment',
  summary: `Bring parcel ${shipmentId} of ${orderId} to the customer again`,
  data: {},
})

const ofTheParcels = ({ step, decision }: Resolution): boolean =>
  decision === 'retry' && (step === 'stop-parcels' || step === 'pause-fulfilment' || step.startsWith('parcel.'))

/** Asks the carrier once more, as decided; gives back what needs another decision. */
const bringAgain = async (saga: Saga, parcel: LateIntercept, resolution: Resolution): Promise<Trouble | undefined> => {
  const roundOf = await roundsOpened(saga, sought, ofTheParcels)
  const answer = await ask(saga, bring(parcel), roundOf(resolution))
  if (answer.type !== 'ShipmentResumed') return troubleWith('ResumeShipment', answer) ?? comesBack(parcel)
  const told = answer.shipments.find(({ shipmentId }) => shipmentId === parcel.shipmentId)
  return told?.result === 'resumed' || told?.result === 'not-needed' ? undefined : comesBack(parcel)
}

const goesOut = ({ shipmentId, carrier, trackingNumber, goesOut: status }: LateIntercept): Trouble => ({
  reason: 'step-failed',
  error:
    `parcel ${shipmentId} (${carrier} ${trackingNumber}) ${status === 'delivered' ? 'was delivered' : `is ${status}`} ` +
    'after it had been stopped: its goods go to the customer, and so does the money',
  moneyInDoubt: false,
  about: mayBeOver,
})

const stop = ({ orderId, shipmentId }: LateIntercept): Call<'StopShipment'> => ({
  command: 'StopShipment',
  summary: `Stop parcel ${shipmentId} of ${orderId}`,
  data: { whole: false, lines: [] },
})

/** The goods left all the same. Nothing that a service can do brings them back: a person asks for them, or for the money, or lets it be; or they come back. */
const settleDelivery = async (saga: Saga, parcel: LateIntercept): Promise<void> => {
  const carriedOut = await cancellationEnds(saga, sought)
  const isKnown = saga.resolutions.some(({ step, decision }) => step === 'stop-parcels' && decision === 'skip')
  // What came to nothing has its goods and no money; without its parcels, a person had let it go on.
  if (carriedOut === undefined || isKnown) return
  const named = { step: stepOf(parcel), round: 1 }
  await park(saga, stop(parcel), { ...goesOut(parcel), named, remedies: ['skip'] })
}

/** Logistics is told that the parcel is taken care of: a round that another one's case opens does not bring it then. */
const tellSkip = async (saga: Saga, { shipmentId }: LateIntercept, resolution: Resolution): Promise<void> => {
  if (!patched('skipped-parcels-are-told')) return
  const { resolutions } = await readCancellation(saga, sought)
  const round = 1 + resolutions.filter(ofTheParcels).length
  await closeRound(saga, resolution, { step: 'stop-parcels', direction: 'undo', round }, { shipmentId })
}

const settle = async (saga: Saga, parcel: LateIntercept): Promise<void> => {
  if (parcel.goesOut !== undefined) return settleDelivery(saga, parcel)
  await cancellationEnds(saga, sought)
  let trouble: Trouble | undefined = comesBack(parcel)
  for (let time = 1; trouble !== undefined; time++) {
    const named = { step: stepOf(parcel), round: time }
    const resolution = await park(saga, bring(parcel), { ...trouble, named, remedies: ['retry', 'skip'] })
    if (resolution.decision === 'skip') return tellSkip(saga, parcel, resolution)
    trouble = await bringAgain(saga, parcel, resolution)
  }
}
