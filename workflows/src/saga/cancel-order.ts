import type { Answer, CommandName, RefusalCode } from '@countermand/contracts'
import { CancellationScope } from '@temporalio/workflow'
import { type Call, type OwnData, opensRound } from '../protocol/commands.ts'
import type { SagaInput, SagaResult } from '../protocol/inputs.ts'
import { money } from '../protocol/words.ts'
import { park, type Trouble, takeUp } from './run/attention.ts'
import { merchantsDecision, passGate, policyOnSilence } from './run/gate.ts'
import { close, listen, turnWhenCancelled } from './run/listen.ts'
import { meterStart } from './run/meter.ts'
import { perform } from './run/perform.ts'
import { unreadableStart } from './run/readable.ts'
import { endedAs, notHeld, rejectRequest, requestComes, unknownRequest } from './run/requests.ts'
import { heldOrder, openSaga, requestOf, type Saga, type Turn } from './run/saga.ts'
import { enter } from './run/show.ts'
import { askToTurn, walk } from './run/turns.ts'

/**
 * The saga's page: how one order is cancelled. First the steps, each with its undo beside it; then the road forward and
 * the road back. A step that fails waits for a person; only a "no" turns the saga back, and only before money has moved.
 */

const call = <Name extends CommandName>(command: Name, summary: string, data: OwnData<Name>): Call<Name> => ({
  command,
  summary,
  data,
})

const holdOrder = {
  do: (saga: Saga) => {
    const publishedAt = saga.requested?.publishedAt
    const data = { ...requestOf(saga), ...(publishedAt === undefined ? {} : { publishedAt }) }
    return call('BeginCancellation', `Hold order ${saga.orderId}`, data)
  },
  undo: (turn: Turn) => (saga: Saga) =>
    call('AbandonCancellation', `Release order ${saga.orderId}, as before`, { ...turn, request: requestOf(saga) }),
}

const pauseFulfilment = {
  do: (saga: Saga) => call('PauseFulfilment', `Keep back what of ${saga.orderId} is not handed over`, {}),
  // Undone by `stopParcels.undo`.
}

const stopParcels = {
  do: (saga: Saga) => {
    const { whole, lines } = heldOrder(saga)
    return call('StopShipment', `Stop the parcels of ${saga.orderId}`, { whole, lines })
  },
  undo: (saga: Saga) => call('ResumeShipment', `Let the parcels of ${saga.orderId} go on`, {}),
}

const setStockAside = {
  do: (saga: Saga) => call('SetStockAside', `Set the stock of ${saga.orderId} aside`, { lines: heldOrder(saga).lines }),
  undo: (saga: Saga) => call('ReserveAgain', `Reserve the stock of ${saga.orderId} again`, {}),
}

/** The pivot: its undo only tells whether there still is a way back, and if so keeps it open. */
const refund = {
  do: (saga: Saga) => {
    const { amount, currency, refundFallback: fallback } = heldOrder(saga)
    // The destination belongs to the round that its decision opened: a later retry looks where the money is.
    const elsewhere = saga.resolutions.findLast((each) => opensRound(each, 'refund', 'do'))?.to
    const { refundTo } = requestOf(saga)
    return call('RefundOrder', `Refund ${money(amount, currency)}`, {
      ...{ amount, currency, refundTo, fallback },
      ...(elsewhere === undefined ? {} : { elsewhere }),
    })
  },
  undo: (saga: Saga) => call('ForbidRefund', `Forbid the refund of ${saga.orderId}, unless money has moved`, {}),
}

const returnStock = {
  do: (saga: Saga) => call('ReturnStockToSale', `Put the stock of ${saga.orderId} back on sale`, {}),
}

const closeOrder = {
  do: (saga: Saga) => call('ConfirmCancellation', `Close order ${saga.orderId}`, { refunds: [...saga.refunds] }),
}

/** Cancels an order. */
export async function cancelOrder(input: SagaInput): Promise<SagaResult> {
  const unreadable = unreadableStart('cancelOrder', input)
  if (unreadable !== undefined) return unreadable
  const saga = openSaga(input)
  meterStart()
  listen(saga, rejectRequest)
  turnWhenCancelled(saga)
  const came = await requestComes(saga)
  return CancellationScope.nonCancellable(async () =>
    close(saga, came ? await walk(saga, { forward, forbid, back }) : unknownRequest),
  )
}

const forward = async (saga: Saga): Promise<SagaResult> => {
  // 1. The order is held: nobody else changes it meanwhile, and what it was before is remembered.
  enter(saga, 'verifying')
  const begun = await perform(saga, holdOrder.do)
  if (begun.type !== 'CancellationBegun') return notHeld(saga, begun)
  saga.held = begun
  takeUp(saga, begun.decided.resolutions)
  // An earlier run was on its way back: this one goes on with it.
  if (begun.decided.turn !== undefined) await askToTurn(saga, begun.decided.turn, 'recorded')

  // 2. The merchant agrees, where policy asks for it. What is not handed over stays where it is until then.
  enter(saga, 'confirming')
  if (begun.approval.needed) {
    await perform(saga, pauseFulfilment.do)
    const { decision, by, message } = await merchantsDecision(saga, begun.approval)
    const code = by === policyOnSilence ? 'merchant-silent' : 'merchant-rejected'
    if (decision === 'reject')
      await askToTurn(saga, { outcome: 'refused', code, by, message: message ?? 'rejected by the merchant' })
  }
  await passGate(saga)

  // 3 and 4. The parcels stop, and the stock is set aside, not yet on sale.
  const [parcels, stock] = await Promise.all([perform(saga, stopParcels.do), perform(saga, setStockAside.do)])
  if (parcels.type === 'InterceptFailed') await turnBack(saga, 'intercept-failed', parcels.message)
  if (stock.type === 'ReservationNotFound') await turnBack(saga, 'stock-missing', stock.message)

  // 5. The money goes back. From its first move on there is only forward.
  enter(saga, 'refunding')
  const refunded = await perform(saga, refund.do)
  if (refunded.type === 'RefundRefused') {
    await turnBack(saga, 'refund-refused', refunded.message)
    await perform(saga, refund.do, refusedAfterPivot)
  }

  // 6. The stock is on sale again, or will be when the parcel is back.
  enter(saga, 'closing')
  await perform(saga, returnStock.do)

  // 7. The order is closed, and the end is public.
  const closed = await perform(saga, closeOrder.do)
  return {
    outcome: closed.type === 'LinesCancelled' ? 'lines-cancelled' : 'cancelled',
    stage: 'closed',
    refunds: saga.refunds,
  }
}

/** Whether money has moved is payment's to say; after its "no" to a refund, no more can move. */
const forbid = async (saga: Saga) => {
  const answer = await perform(saga, refund.undo)
  if (answer.type === 'Skipped')
    throw new Error(`expected ForbidRefund of ${saga.requestId} to be answered, it was skipped`)
  return answer
}

/** All undos in reverse, also of steps that this run has not seen: a lost workflow task leaves such steps. Payment has said that no money moved. */
const back = async (saga: Saga, turn: Turn): Promise<SagaResult> => {
  enter(saga, 'undoing')
  await takeBack(saga, setStockAside.undo)
  await takeBack(saga, stopParcels.undo)
  const abandoned = await takeBack(saga, holdOrder.undo(turn))
  if (abandoned.type === 'CancellationAbandoned') return endedAs(abandoned)
  if (abandoned.type !== 'AbandonRefused') return { outcome: 'refused', stage: 'verifying' }
  await park(saga, holdOrder.undo(turn)(saga), closedAlready(abandoned))
  return { outcome: abandoned.outcome, stage: 'closed' }
}

const takeBack = async <Name extends CommandName>(saga: Saga, undo: (saga: Saga) => Call<Name>) => {
  const answer = await perform(saga, undo)
  if (answer.type !== 'Skipped') saga.undone.push(undo(saga).summary)
  return answer
}

/** Comes back only if money has moved: then the saga goes forward all the same. */
const turnBack = (saga: Saga, code: RefusalCode, message: string) =>
  askToTurn(saga, { outcome: 'compensated', code, message })

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
