import type { AnswerTo, CommandData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import { isBehind } from '@countermand/service/versions.ts'
import type { HeldLine, Hold, Line, Place, Reservation } from '../state.ts'
import { heldLines } from './held-lines.ts'
import { freeUnits, placeOf } from './whereabouts.ts'

type Decided<Name extends 'SetStockAside' | 'ReserveAgain' | 'ReturnStockToSale'> = Decision<
  Reservation,
  AnswerTo<Name>
>

const holdOf = (reservation: Reservation, requestId: string): Hold | undefined =>
  reservation.holds.find((hold) => hold.requestId === requestId)

const withHold = (reservation: Reservation, hold: Hold): Reservation => ({
  ...reservation,
  holds: [...reservation.holds.filter((each) => each.requestId !== hold.requestId), hold],
})

const asLines = (lines: readonly HeldLine[]) => lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }))

const stockSetAside = (hold: Hold): AnswerTo<'SetStockAside'> => ({
  type: 'StockSetAside',
  lines: hold.lines.map(({ lineId, sku, quantity, from }) => ({ lineId, sku, quantity, from })),
})

const notFound = (command: CommandData<'SetStockAside'>, got: string): AnswerTo<'SetStockAside'> => ({
  type: 'ReservationNotFound',
  message: `expected the stock of order ${command.orderId} to set aside for request ${command.requestId}, got ${got}`,
})

/** `SetStockAside`: all of the lines or none. */
export const setStockAside = (
  state: Reservation | undefined,
  command: CommandData<'SetStockAside'>,
  at: Moment,
): Decided<'SetStockAside'> | NotYet => {
  if (state === undefined)
    return at.patienceOver ? { answer: notFound(command, 'an order that was never heard of') } : notYet
  const before = holdOf(state, command.requestId)
  if (before !== undefined) return { answer: stockSetAside(before) }
  const behind = isBehind(state.version, command, at)
  if (behind !== undefined) return behind
  const lines = new Map(state.lines.map((line) => [line.lineId, line]))
  const asked: Line[] = []
  for (const [lineId, parts] of Map.groupBy(command.lines, (line) => line.lineId)) {
    const quantity = parts.reduce((sum, part) => sum + part.quantity, 0)
    const line = lines.get(lineId)
    if (line === undefined) return { answer: notFound(command, `line ${lineId}, which it does not have`) }
    const free = freeUnits(state, line)
    if (quantity > free) return { answer: notFound(command, `${quantity} of line ${lineId}, which has ${free} left`) }
    asked.push({ ...line, quantity })
  }
  const hold: Hold = { requestId: command.requestId, returned: false, lines: heldLines(state, asked) }
  return { state: withHold(state, hold), answer: stockSetAside(hold) }
}

/**
 * `ReserveAgain`, the undo of `SetStockAside`. An order that was never heard of has nothing aside. What is on sale again already
 * (a person let the saga go on without its refund, and then back) is reserved again all the same, if need be as owed.
 */
export const reserveAgain = (
  state: Reservation | undefined,
  command: CommandData<'ReserveAgain'>,
): Decided<'ReserveAgain'> => {
  const hold = state && holdOf(state, command.requestId)
  if (state === undefined || hold === undefined) return { answer: { type: 'NothingToUndo' } }
  return {
    state: { ...state, holds: state.holds.filter((each) => each !== hold) },
    answer: { type: 'StockReservedAgain', lines: asLines(hold.lines) },
  }
}

/**
 * `ReturnStockToSale`: the parcels that are still out are awaited. Nothing aside for this request (an operator skipped that
 * step): there is nothing to return, and the saga goes on.
 */
export const returnStockToSale = (
  state: Reservation | undefined,
  command: CommandData<'ReturnStockToSale'>,
  at: Moment,
): Decided<'ReturnStockToSale'> | NotYet => {
  if (state === undefined) {
    if (!at.patienceOver) return notYet
    const error = `expected the reservation of order ${command.orderId}, which was never heard of (request ${command.requestId})`
    return { answer: { type: 'StepFailed', error, attempts: 1, moneyInDoubt: false } }
  }
  const hold = holdOf(state, command.requestId)
  if (hold === undefined) return { answer: { type: 'StockOnSale', lines: [] } }
  const returned = { ...hold, returned: true }
  const linesIn = (...places: Place[]) =>
    asLines(hold.lines.filter((held) => places.includes(placeOf(state, returned, held))))
  const awaited = linesIn('aside', 'shipped')
  return {
    state: withHold(state, returned),
    answer:
      awaited.length > 0
        ? { type: 'AwaitingParcel', lines: awaited }
        : { type: 'StockOnSale', lines: linesIn('on-sale') },
  }
}
