import type { Resolution } from '@countermand/contracts'
import { CancellationScope, setHandler } from '@temporalio/workflow'
import type { Call } from '../protocol/commands.ts'
import type { SagaResult } from '../protocol/inputs.ts'
import { cameBackSignal, type LateIntercept } from '../protocol/late-intercept.ts'
import { cancellationEnds, roundOpenedBy } from './run/after-the-end.ts'
import { ask } from './run/ask.ts'
import { park, type Trouble, troubleWith } from './run/attention.ts'
import { close, listenToOperators } from './run/listen.ts'
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
    if (isReadable(saga, 'cameBack', next)) toSettle.set(next.since, next)
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
  const round = await roundOpenedBy(saga, resolution, sought, ofTheParcels)
  const answer = await ask(saga, bring(parcel), round)
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
})

const stop = ({ orderId, shipmentId }: LateIntercept): Call<'StopShipment'> => ({
  command: 'StopShipment',
  summary: `Stop parcel ${shipmentId} of ${orderId}`,
  data: { whole: false, lines: [] },
})

/** The goods left all the same. Nothing that a service can do brings them back: a person asks for them, or for the money, or lets it be. */
const settleDelivery = async (saga: Saga, parcel: LateIntercept): Promise<void> => {
  const carriedOut = await cancellationEnds(saga, sought)
  const isKnown = saga.resolutions.some(({ step, decision }) => step === 'stop-parcels' && decision === 'skip')
  // What came to nothing has its goods and no money; without its parcels, a person had let it go on.
  if (carriedOut === undefined || isKnown) return
  const named = { step: stepOf(parcel), round: 1 }
  await park(saga, stop(parcel), { ...goesOut(parcel), named, remedies: ['skip'] })
}

const settle = async (saga: Saga, parcel: LateIntercept): Promise<void> => {
  if (parcel.goesOut !== undefined) return settleDelivery(saga, parcel)
  await cancellationEnds(saga, sought)
  let trouble: Trouble | undefined = comesBack(parcel)
  for (let time = 1; trouble !== undefined; time++) {
    const named = { step: stepOf(parcel), round: time }
    const resolution = await park(saga, bring(parcel), { ...trouble, named, remedies: ['retry', 'skip'] })
    if (resolution.decision === 'skip') return
    trouble = await bringAgain(saga, parcel, resolution)
  }
}
