import { expect, it } from 'vitest'
import type { Reservation } from '../state.ts'
import { command, inTime, news, patienceOver, reservationAfter, stateAfter, units } from '../test/given.ts'
import { followParcel } from './facts.ts'
import { reserveAgain, returnStockToSale, setStockAside } from './hold.ts'

const mugs = (quantity: number) => ({ lineId: '1', sku: 'MUG', quantity })
const pens = (quantity: number) => ({ lineId: '2', sku: 'PEN', quantity })

const aside = (state: Reservation, lines = [mugs(2), pens(3)], requestId = 'req-1') => {
  const decision = setStockAside(state, { ...command(requestId), lines }, inTime)
  if (decision === 'not-yet') throw new Error('expected a decision')
  return { state: stateAfter(decision, state), answer: decision.answer }
}
const returned = (state: Reservation, requestId = 'req-1') => {
  const decision = returnStockToSale(state, command(requestId), inTime)
  if (decision === 'not-yet') throw new Error('expected a decision')
  return { state: stateAfter(decision, state), answer: decision.answer }
}
const undone = (state: Reservation, requestId = 'req-1') => stateAfter(reserveAgain(state, command(requestId)), state)
const hear = (state: Reservation, ...events: ReturnType<typeof news>[]) =>
  events.reduce((before, event) => stateAfter(followParcel(before, event, inTime), before), state)

it('sets reserved stock aside and says where it was', () => {
  const { state, answer } = aside(reservationAfter(), [mugs(1), pens(3)])
  expect(answer).toEqual({
    type: 'StockSetAside',
    lines: [
      { ...mugs(1), from: 'reserved' },
      { ...pens(3), from: 'reserved' },
    ],
  })
  expect(units(state, '1')).toEqual({ reserved: 1, aside: 1 })
  expect(units(state, '2')).toEqual({ aside: 3 })
})

it('sets shipped stock aside, of which the parcel is to come back', () => {
  const { state, answer } = aside(reservationAfter(news('in-transit', 1, ['1'])))
  expect(answer).toMatchObject({ lines: [{ from: 'shipped' }, { from: 'reserved' }] })
  expect(units(state, '1')).toEqual({ aside: 2 })
})

it('sets one request aside once, and answers the same again', () => {
  const once = aside(reservationAfter(), [mugs(1)])
  expect(aside(once.state, [mugs(1)])).toEqual(once)
})

it.each([
  ['a line that the order does not have', [mugs(1), { lineId: '9', sku: 'CUP', quantity: 1 }]],
  ['more than the order has', [pens(1), mugs(3)]],
  ['more than the order has, in two parts', [mugs(1), mugs(2)]],
])('moves nothing when asked for %s', (_, lines) => {
  const before = reservationAfter()
  const { state, answer } = aside(before, lines)
  expect(answer).toMatchObject({ type: 'ReservationNotFound', message: expect.stringContaining('ord-1') })
  expect(state).toBe(before)
})

it('does not set aside what an earlier request has taken', () => {
  const first = returned(aside(reservationAfter(), [mugs(1)]).state)
  expect(aside(first.state, [mugs(2)], 'req-2').answer).toMatchObject({ type: 'ReservationNotFound' })
  expect(aside(first.state, [mugs(1)], 'req-2').answer).toMatchObject({ type: 'StockSetAside' })
})

it('waits for an order that was not heard of yet, and says no when it never comes', () => {
  const asked = { ...command('req-1'), lines: [mugs(1)] }
  expect(setStockAside(undefined, asked, inTime)).toBe('not-yet')
  expect(setStockAside(undefined, asked, patienceOver)).toMatchObject({ answer: { type: 'ReservationNotFound' } })
})

it('reserves again what was set aside, and leaves no trace', () => {
  const before = reservationAfter(news('label-created', 1))
  const { state } = aside(before, [mugs(1)])
  const undo = reserveAgain(state, command('req-1'))
  expect(undo).toEqual({ state: before, answer: { type: 'StockReservedAgain', lines: [mugs(1)] } })
})

it('has nothing to undo for a request that set nothing aside, or whose order was never heard of', () => {
  const { state } = aside(reservationAfter())
  expect(reserveAgain(state, command('req-2'))).toEqual({ answer: { type: 'NothingToUndo' } })
  expect(reserveAgain(undefined, command('req-1'))).toEqual({ answer: { type: 'NothingToUndo' } })
  expect(reserveAgain(undone(state), command('req-1'))).toEqual({ answer: { type: 'NothingToUndo' } })
})

it('reserves again also what is on sale again: no money has moved, for a person skipped the refund', () => {
  const { state } = returned(aside(reservationAfter()).state)
  const decision = reserveAgain(state, command('req-1'))
  expect(decision.answer?.type).toBe('StockReservedAgain')
  expect(decision.state?.holds).toEqual([])
})

it.each([
  ['handed-over', { shipped: 2 }],
  ['returned', { 'on-sale': 2 }],
  ['lost', { 'written-off': 2 }],
] as const)('applies that a parcel was %s during the hold when the hold is released', (status, place) => {
  const held = hear(aside(reservationAfter()).state, news(status, 1))
  expect(units(held, '1')).toEqual(status === 'lost' ? { 'written-off': 2 } : { aside: 2 })
  expect(units(undone(held), '1')).toEqual(place)
})

it('puts stock that never left back on sale', () => {
  const { state, answer } = returned(aside(reservationAfter(), [mugs(1)]).state)
  expect(answer).toEqual({ type: 'StockOnSale', lines: [mugs(1)] })
  expect(units(state, '1')).toEqual({ reserved: 1, 'on-sale': 1 })
})

it('awaits the parcel of stock that left, and puts it on sale when it is back', () => {
  const { state, answer } = returned(aside(reservationAfter(news('in-transit', 1, ['1']))).state)
  expect(answer).toEqual({ type: 'AwaitingParcel', lines: [mugs(2)] })
  expect(units(state, '1')).toEqual({ aside: 2 })
  expect(units(state, '2')).toEqual({ 'on-sale': 3 })
  expect(units(hear(state, news('returning', 2, ['1'])), '1')).toEqual({ aside: 2 })
  expect(units(hear(state, news('returned', 3, ['1'])), '1')).toEqual({ 'on-sale': 2 })
})

it('writes off awaited stock whose parcel is lost, and takes it back when the parcel is found', () => {
  const { state } = returned(aside(reservationAfter(news('in-transit', 1))).state)
  const lost = hear(state, news('lost', 2))
  expect(units(lost, '1')).toEqual({ 'written-off': 2 })
  expect(units(hear(lost, news('returned', 3)), '1')).toEqual({ 'on-sale': 2 })
})

it('puts stock whose parcel came back during the hold on sale at once', () => {
  const held = hear(aside(reservationAfter(news('in-transit', 1))).state, news('returned', 2))
  expect(returned(held).answer).toEqual({ type: 'StockOnSale', lines: [mugs(2), pens(3)] })
})

it('has nothing to put on sale of a parcel that was lost before the request', () => {
  const { state, answer } = aside(reservationAfter(news('lost', 1)))
  expect(answer).toMatchObject({ type: 'StockSetAside' })
  expect(units(state, '1')).toEqual({ 'written-off': 2 })
  expect(returned(state).answer).toEqual({ type: 'StockOnSale', lines: [] })
})

it('awaits a parcel that left during the hold with nothing in it but held units', () => {
  const held = hear(aside(reservationAfter(news('label-created', 1))).state, news('handed-over', 2))
  const { state, answer } = returned(held)
  expect(answer).toEqual({ type: 'AwaitingParcel', lines: [mugs(2), pens(3)] })
  expect(units(hear(state, news('returned', 3)), '2')).toEqual({ 'on-sale': 3 })
})

it('does not await units that were taken out of a parcel that left with the others', () => {
  const held = hear(aside(reservationAfter(news('label-created', 1)), [mugs(2)]).state, news('handed-over', 2))
  expect(units(held, '2')).toEqual({ shipped: 3 })
  expect(returned(held).answer).toEqual({ type: 'StockOnSale', lines: [mugs(2)] })
})

it('does not take back from sale what an earlier request returned when the rest leaves', () => {
  const first = returned(aside(reservationAfter(), [mugs(2)]).state).state
  const second = hear(aside(first, [pens(3)], 'req-2').state, news('handed-over', 2))
  expect(units(second, '1')).toEqual({ 'on-sale': 2 })
  expect(returned(second, 'req-2').answer).toEqual({ type: 'AwaitingParcel', lines: [pens(3)] })
})

it('takes back from sale what leaves all the same after its cancellation, until it is back', () => {
  const after = returned(aside(reservationAfter(news('label-created', 1))).state).state
  expect(units(after, '1')).toEqual({ 'on-sale': 2 })
  const gone = hear(after, news('handed-over', 2))
  expect(units(gone, '1')).toEqual({ aside: 2 })
  const delivered = hear(gone, news('delivered', 3))
  expect([units(delivered, '1'), units(delivered, '2')]).toEqual([{ shipped: 2 }, { shipped: 3 }])
  expect(units(hear(delivered, news('returned', 4)), '1')).toEqual({ 'on-sale': 2 })
})

it('knows delivered units as shipped, also those of a parcel that nobody had heard of', () => {
  const after = returned(aside(reservationAfter()).state).state
  expect(units(hear(after, news('delivered', 2, ['1'])), '1')).toEqual({ shipped: 2 })
  expect(units(hear(after, news('delivered', 2, ['1'])), '2')).toEqual({ 'on-sale': 3 })
})

it('goes on when the step that sets stock aside was skipped', () => {
  const before = reservationAfter()
  expect(returned(before)).toEqual({ state: before, answer: { type: 'StockOnSale', lines: [] } })
})

it('fails technically to return the stock of an order that was never heard of', () => {
  expect(returnStockToSale(undefined, command('req-1'), inTime)).toBe('not-yet')
  expect(returnStockToSale(undefined, command('req-1'), patienceOver)).toMatchObject({
    answer: { type: 'StepFailed', moneyInDoubt: false },
  })
})

/** News of a parcel that says how many mugs it holds. */
const mugsIn = (shipmentId: string, status: Parameters<typeof news>[0], minute: number, quantity: number) => ({
  ...news(status, minute, ['1']),
  shipmentId,
  lines: [{ lineId: '1', quantity }],
})

it('takes the unit that is not sent, when parcels say how many they hold, and leaves the one that is with the customer', () => {
  const before = reservationAfter(mugsIn('a', 'delivered', 1, 1), mugsIn('b', 'label-created', 2, 1))
  expect(units(before, '1')).toEqual({ shipped: 1, reserved: 1 })
  const { state, answer } = aside(before, [mugs(1)])
  expect(answer).toEqual({ type: 'StockSetAside', lines: [{ ...mugs(1), from: 'reserved' }] })
  expect(units(state, '1')).toEqual({ shipped: 1, aside: 1 })
  expect(units(returned(state).state, '1')).toEqual({ shipped: 1, 'on-sale': 1 })
  expect(units(undone(state), '1')).toEqual({ shipped: 1, reserved: 1 })
})

it('awaits the parcel that holds the unit, and no other', () => {
  const before = reservationAfter(mugsIn('a', 'in-transit', 1, 1), mugsIn('b', 'in-transit', 1, 1))
  const { state, answer } = returned(aside(before, [mugs(1)]).state)
  expect(answer).toEqual({ type: 'AwaitingParcel', lines: [mugs(1)] })
  const delivered = hear(state, mugsIn('b', 'delivered', 2, 1))
  expect(units(delivered, '1')).toEqual({ shipped: 1, aside: 1 })
  expect(units(hear(delivered, mugsIn('a', 'returned', 3, 1)), '1')).toEqual({ shipped: 1, 'on-sale': 1 })
})

it('knows that a unit that nobody had sent is in the parcel that leaves, when there is no other place for it', () => {
  const held = aside(reservationAfter(mugsIn('a', 'in-transit', 1, 1)), [mugs(1)]).state
  expect(units(held, '1')).toEqual({ shipped: 1, aside: 1 })
  const gone = hear(returned(held).state, mugsIn('b', 'handed-over', 2, 1))
  expect(units(gone, '1')).toEqual({ shipped: 1, aside: 1 })
  expect(units(hear(gone, mugsIn('b', 'delivered', 3, 1)), '1')).toEqual({ shipped: 2 })
  expect(units(hear(gone, mugsIn('b', 'returned', 3, 1)), '1')).toEqual({ shipped: 1, 'on-sale': 1 })
})

it('takes units out of a box that leaves with the others', () => {
  const held = aside(reservationAfter(mugsIn('a', 'label-created', 1, 2)), [mugs(1)]).state
  const gone = hear(held, mugsIn('a', 'handed-over', 2, 2))
  expect(units(gone, '1')).toEqual({ shipped: 1, aside: 1 })
  expect(returned(gone).answer).toEqual({ type: 'StockOnSale', lines: [mugs(1)] })
})
