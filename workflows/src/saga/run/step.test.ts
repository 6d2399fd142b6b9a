import { expect, test } from 'vitest'
import { request } from '../../../testing/world.ts'
import { steps } from '../cancel-order.ts'
import { openSaga } from './saga.ts'
import { asks, callOf, compensatable, noOf, nothing, pivot, retriable, undosOf } from './step.ts'

const saga = openSaga({ orderId: 'ord-1', requestId: 'req-1', requested: { request, digest: 'd' } })
const setAside = asks(
  'SetStockAside',
  () => 'Set it aside',
  () => ({ lines: [] }),
)
const reserveAgain = asks('ReserveAgain', () => 'Reserve it again', nothing)
const resume = asks('ResumeShipment', () => 'Let it go on', nothing)
const refund = asks(
  'RefundOrder',
  () => 'Refund',
  () => ({ amount: 1, currency: 'EUR', refundTo: 'original' as const, fallback: 'attention' as const }),
)
const forbid = asks('ForbidRefund', () => 'Forbid it', nothing)
const returnStock = asks('ReturnStockToSale', () => 'On sale', nothing)
const plan = { title: 'a step', stage: 'confirming' } as const

test('the compiler demands an undo of what can be taken back, and none of the rest', () => {
  compensatable({ ...plan, do: setAside, undo: reserveAgain })
  // @ts-expect-error a compensatable step says how it is taken back
  compensatable({ ...plan, do: setAside })
  pivot({ ...plan, do: refund, forbid })
  // @ts-expect-error the pivot says how it is forbidden
  pivot({ ...plan, do: refund })
  // @ts-expect-error nothing takes the pivot back
  pivot({ ...plan, do: refund, forbid, undo: forbid })
  retriable({ ...plan, do: returnStock })
  // @ts-expect-error nothing takes back what comes after the pivot
  retriable({ ...plan, do: returnStock, undo: reserveAgain })
  // @ts-expect-error nor may anybody refuse it
  retriable({ ...plan, do: returnStock, no: { StockOnSale: 'stock-missing' } })
  expect.assertions(0)
})

test('the compiler takes only the undo that the contract has for a command, and only its own answers as its "no"', () => {
  // @ts-expect-error ResumeShipment takes back no stock
  compensatable({ ...plan, do: setAside, undo: resume })
  // @ts-expect-error RefundOrder takes nothing back
  compensatable({ ...plan, do: setAside, undo: refund })
  // @ts-expect-error SetStockAside is never answered so
  compensatable({ ...plan, do: setAside, undo: reserveAgain, no: { InterceptFailed: 'intercept-failed' } })
  // @ts-expect-error an answer of another step
  noOf(steps.setStockAside, { type: 'InterceptFailed', shipments: [], message: 'delivered' })
  expect.assertions(0)
})

test('the road back is every undo above the pivot, last first, each once', () => {
  expect(undosOf(steps).map(({ command }) => command)).toEqual([
    'ReserveAgain',
    'ResumeShipment',
    'AbandonCancellation',
  ])
})

test('a step that is put in above the pivot is on the road back by itself', () => {
  const { refund: money, ...others } = steps
  const withOne = { ...others, refund: compensatable({ ...plan, do: refund, undo: forbid }), pay: money }
  // Below the pivot it is not.
  expect(undosOf(withOne).map(({ command }) => command)[0]).toBe('ForbidRefund')
  expect(undosOf({ refund: money, ...others })).toEqual([])
})

test('a "no" is the wish to turn back, with its code and its words; a "yes" is none', () => {
  const refused = { type: 'ReservationNotFound', message: 'never reserved' } as const
  expect(noOf(steps.setStockAside, refused)).toEqual({
    outcome: 'compensated',
    code: 'stock-missing',
    message: 'never reserved',
  })
  expect(noOf(steps.setStockAside, { type: 'StockSetAside', lines: [] })).toBeUndefined()
  expect(noOf(steps.setStockAside, { type: 'Skipped' })).toBeUndefined()
})

test('a command is asked with the words and the data of the moment', () => {
  expect(callOf(saga, steps.setStockAside.undo)).toEqual({
    command: 'ReserveAgain',
    summary: 'Reserve the stock of ord-1 again',
    data: {},
  })
  expect(callOf({ ...saga, refunds: [] }, steps.closeOrder.do).data).toEqual({ refunds: [] })
})
