import type { Answer, CommandName } from '@countermand/contracts'
import { refusalCodes } from '@countermand/contracts/refusal-codes.ts'
import { patched } from '@temporalio/workflow'
import type { SagaInput, SagaResult } from '../protocol/inputs.ts'
import { money } from '../protocol/words.ts'
import { park, type Trouble } from './run/attention.ts'
import { tellTheRest } from './run/close-round.ts'
import { takeUp } from './run/decided.ts'
import { merchantsDecision, passGate, policyOnSilence } from './run/gate.ts'
import { isInStock } from './run/in-stock.ts'
import { type Final, perform, takeBack } from './run/perform.ts'
import { endedAs, notHeld } from './run/requests.ts'
import { runSaga } from './run/run-saga.ts'
import { destinationOf, heldOrder, requestOf, type Saga, turnOf, versionOf } from './run/saga.ts'
import { enter } from './run/show.ts'
import { asks, callOf, compensatable, noOf, nothing, pivot, retriable, undosOf } from './run/step.ts'
import { turned, turnsBack } from './run/turns.ts'

/**
 * The saga's page: how one order is cancelled. First its steps, each with its undo beside it; then the road forward and the road back.
 * A step that fails waits for a person; only a "no" turns the saga back, and only before money has moved.
 */

/** Of parcels that were stopped, and of those that were only kept back. */
const letParcelsGoOn = asks('ResumeShipment', ({ orderId }) => `Let the parcels of ${orderId} go on`, nothing)

export const steps = {
  holdOrder: compensatable({
    title: 'hold the order',
    stage: 'verifying',
    do: asks(
      'BeginCancellation',
      ({ orderId }) => `Hold order ${orderId}`,
      (saga) => {
        const publishedAt = saga.requested?.publishedAt
        return { ...requestOf(saga), ...(publishedAt === undefined ? {} : { publishedAt }) }
      },
    ),
    undo: asks(
      'AbandonCancellation',
      ({ orderId }) => `Release order ${orderId}, as before`,
      (saga) => ({ ...turnOf(saga), request: requestOf(saga) }),
    ),
    no: refusalCodes,
  }),

  pauseFulfilment: compensatable({
    title: 'pause fulfilment',
    stage: 'confirming',
    do: asks('PauseFulfilment', ({ orderId }) => `Keep back what of ${orderId} is not handed over`, nothing),
    undo: letParcelsGoOn,
  }),

  stopParcels: compensatable({
    title: 'stop the parcels',
    stage: 'confirming',
    do: asks(
      'StopShipment',
      ({ orderId }) => `Stop the parcels of ${orderId}`,
      (saga) => {
        const { whole, lines } = heldOrder(saga)
        return { whole, lines: lines.filter(isInStock), ...versionOf(saga) }
      },
    ),
    undo: letParcelsGoOn,
    no: { InterceptFailed: 'intercept-failed' },
  }),

  setStockAside: compensatable({
    title: 'set the stock aside',
    stage: 'confirming',
    do: asks(
      'SetStockAside',
      ({ orderId }) => `Set the stock of ${orderId} aside`,
      (saga) => ({ lines: heldOrder(saga).lines.filter(isInStock), ...versionOf(saga) }),
    ),
    undo: asks('ReserveAgain', ({ orderId }) => `Reserve the stock of ${orderId} again`, nothing),
    no: { ReservationNotFound: 'stock-missing' },
  }),

  refund: pivot({
    title: 'refund',
    stage: 'refunding',
    do: asks(
      'RefundOrder',
      (saga) => `Refund ${money(heldOrder(saga).amount, heldOrder(saga).currency)}`,
      (saga) => {
        const { amount, currency, refundFallback: fallback } = heldOrder(saga)
        const { refundTo, reason } = requestOf(saga)
        return { amount, currency, refundTo, fallback, reason: reason.code, ...destinationOf(saga), ...versionOf(saga) }
      },
    ),
    forbid: asks('ForbidRefund', ({ orderId }) => `Forbid the refund of ${orderId}, unless money has moved`, nothing),
    no: { RefundRefused: 'refund-refused' },
  }),

  returnStock: retriable({
    title: 'put the stock back on sale',
    stage: 'closing',
    do: asks('ReturnStockToSale', ({ orderId }) => `Put the stock of ${orderId} back on sale`, nothing),
  }),

  releaseLabels: retriable({
    title: 'give the labels back',
    stage: 'closing',
    do: asks('ReleaseLabels', ({ orderId }) => `Give back the labels of ${orderId}`, nothing),
  }),

  closeOrder: retriable({
    title: 'close the order',
    stage: 'closing',
    do: asks(
      'ConfirmCancellation',
      ({ orderId }) => `Close order ${orderId}`,
      ({ refunds }) => ({ refunds: [...refunds] }),
    ),
  }),
} as const

/** Cancels an order. */
export function cancelOrder(input: SagaInput): Promise<SagaResult> {
  return runSaga(input, { forward, forbid, back })
}

const forward = async (saga: Saga): Promise<SagaResult | typeof turned> => {
  // 1. The order is held: nobody else changes it meanwhile, and what it was before is remembered.
  enter(saga, steps.holdOrder.stage)
  const begun = await perform(saga, steps.holdOrder.do)
  if (begun.type !== 'CancellationBegun') return notHeld(saga, begun)
  saga.held = begun
  takeUp(saga, begun.decided.resolutions)
  // An earlier run was on its way back: this one goes on with it.
  const earlier = begun.decided.turn
  if (earlier !== undefined && (await turnsBack(saga, earlier, 'recorded'))) return turned

  // 2. The merchant agrees, where policy asks for it. What is not handed over stays where it is until then.
  enter(saga, steps.pauseFulfilment.stage)
  if (begun.approval.needed) {
    await perform(saga, steps.pauseFulfilment.do)
    const { decision, by, message = 'rejected by the merchant' } = await merchantsDecision(saga, begun.approval)
    const code = by === policyOnSilence ? 'merchant-silent' : 'merchant-rejected'
    if (decision === 'reject' && (await turnsBack(saga, { outcome: 'refused', code, by, message }))) return turned
  }
  await passGate(saga)

  // 3 and 4. The parcels stop, and the stock is set aside, not yet on sale.
  const { stopParcels, setStockAside } = steps
  const [parcels, stock] = await Promise.all([perform(saga, stopParcels.do), perform(saga, setStockAside.do)])
  const delivered = noOf(stopParcels, parcels)
  if (delivered !== undefined && (await turnsBack(saga, delivered))) return turned
  const missing = noOf(setStockAside, stock)
  if (missing !== undefined && (await turnsBack(saga, missing))) return turned

  // 5. The money goes back. From its first move on there is only forward.
  enter(saga, steps.refund.stage)
  const refused = noOf(steps.refund, await perform(saga, steps.refund.do))
  if (refused !== undefined) {
    if (await turnsBack(saga, refused)) return turned
    await perform(saga, steps.refund.do, refusedAfterPivot)
  }

  // 6. The stock is on sale again, or will be when the parcel is back.
  enter(saga, steps.returnStock.stage)
  await perform(saga, steps.returnStock.do)

  // 7. Parcels that were only kept back need their labels no more.
  if (keepsLabels(parcels) && patched('labels-are-released')) await perform(saga, steps.releaseLabels.do)

  // 8. The order is closed, and the end is public.
  const closed = await perform(saga, steps.closeOrder.do)
  if ('resolutions' in closed) await tellTheRest(saga, closed.resolutions)
  const outcome = closed.type === 'LinesCancelled' ? 'lines-cancelled' : 'cancelled'
  return { outcome, stage: 'closed', refunds: saga.refunds }
}

/** Whether a parcel was stopped by keeping it where it is, by somebody who gives its label back when asked to. */
const keepsLabels = (answer: Final<'StopShipment'>): boolean =>
  'shipments' in answer && answer.shipments.some(({ labelKept }) => labelKept === true)

/** Whether money has moved is payment's to say; after its "no" to a refund, no more can move. */
const forbid = async (saga: Saga) => {
  const answer = await perform(saga, steps.refund.forbid)
  if (answer.type === 'Skipped')
    throw new Error(`expected ForbidRefund of ${saga.requestId} to be answered, it was skipped`)
  return answer
}

/** Payment has said that no money moved: all is taken back, also what this run has not seen. A lost workflow task leaves such steps. */
const back = async (saga: Saga): Promise<SagaResult> => {
  enter(saga, 'undoing')
  let released: Final<CommandName> | undefined
  for (const undo of undosOf(steps)) released = await takeBack(saga, undo)
  if (released?.type === 'CancellationAbandoned') return endedAs(released)
  if (released?.type !== 'AbandonRefused') return { outcome: 'refused', stage: 'verifying' }
  await park(saga, callOf(saga, steps.holdOrder.undo), closedAlready(released))
  return { outcome: released.outcome, stage: 'closed' }
}

const refusedAfterPivot = (answer: Answer): Trouble | undefined =>
  answer.type === 'RefundRefused'
    ? { reason: 'refund-refused-after-pivot', error: answer.message, moneyInDoubt: false }
    : undefined

/** Payment let the saga turn back from an order that is closed: the services disagree, and a person has to look. */
const closedAlready = ({ outcome }: Answer<'AbandonRefused'>): Trouble => ({
  reason: 'undo-failed',
  error: `expected order not to be closed, it ended as ${outcome}`,
  moneyInDoubt: true,
  remedies: ['skip'],
})
