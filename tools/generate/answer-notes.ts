import type { AnswerName, answers } from '@countermand/contracts'
import { exampleOrder, exampleRequest } from '@countermand/contracts/examples.ts'
import type { z } from 'zod'
import { exampleLines as lines } from './command-notes.ts'
import { exampleTender, type Note } from './event-notes.ts'

const at = '2026-11-20T10:00:03Z'
const { merchantId, customerId, currency } = exampleOrder
const parcel = { shipmentId: 'shp-1' }
const refused = { ...exampleTender, state: 'failed', destination: 'none', failure: 'account closed' } as const

/** Every answer of the contracts, as its own fields. */
export const answerNotes = {
  CancellationBegun: {
    summary: 'The order is on hold: all that the saga needs to know of it.',
    example: {
      merchantId,
      customerId,
      currency,
      amount: 1391,
      lines,
      whole: false,
      parcels: [{ ...parcel, status: 'label-created' }],
      tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 3351 }],
      approval: { needed: false },
      refundFallback: 'attention',
      decided: { resolutions: [] },
    },
  },
  OrderNotFound: {
    summary: 'Nobody has heard of the order, also after a patient wait.',
    example: { message: 'no order ord-1001 after 10 s' },
  },
  AlreadyCancelled: { summary: 'Nothing of the order is left to cancel.', example: { message: 'cancelled before' } },
  CancellationInProgress: {
    summary: 'Another request holds the order.',
    example: { message: 'held by another request', by: '5d0f6c1e' },
  },
  WindowClosed: {
    summary: 'The request came after the cancellation window.',
    example: { message: 'placed more than 30 days before the request' },
  },
  AccountBlocked: { summary: 'The customer’s account is blocked.', example: { message: 'the account is blocked' } },
  QuantityExceeded: {
    summary: 'More was asked for than is left.',
    example: { message: 'line 1: asked for 3, 2 are left' },
  },
  NotCancellable: { summary: 'Such an order cannot be cancelled.', example: { message: 'the goods were returned' } },
  AlreadyEnded: {
    summary: 'This request ended before, and what it came to. `resolutions`: as with `OrderCancelled`.',
    example: { outcome: 'cancelled', stage: 'closed' },
  },
  RequestIdReused: {
    summary: 'The request id belongs to another order or to other content.',
    example: { message: 'the request was made for ord-1000' },
  },
  CancellationAbandoned: {
    summary: 'The hold is released.',
    example: { outcome: 'compensated', code: 'refund-refused', stage: 'refunding' },
  },
  AbandonRefused: {
    summary: 'The order was closed by this request: no way back. Leaves no tombstone.',
    example: { outcome: 'cancelled' },
  },
  HoldsListed: {
    summary: 'A page of the orders on hold, in the order of their request ids.',
    example: { holds: [{ request: exampleRequest, since: at }], more: false },
  },
  CancellationRead: {
    summary: 'The request as the order service keeps it. Without `refund` it never held its order.',
    example: {
      open: false,
      refund: { amount: 1391, currency, refundTo: 'original', fallback: 'attention' },
      resolutions: [],
    },
  },
  OrderCancelled: {
    summary:
      'Nothing of the order is left. `resolutions`: what people have decided, where they have; a run that was reset does not know of it.',
    example: { at },
  },
  LinesCancelled: {
    summary: 'The lines are cancelled; the rest of the order stands. `resolutions`: as with `OrderCancelled`.',
    example: { at },
  },
  CancellationRecorded: {
    summary:
      'Written down. `resolutions`: the decisions of people that are, where any are; of each key the first counts.',
    example: {},
  },
  TurnTooLate: {
    summary: 'To the record of a turn: the order is closed, or its refund settled elsewhere. The saga goes forward.',
    example: {},
  },
  StockSetAside: {
    summary: 'The stock is aside; `from` is where it was.',
    example: { lines: [{ lineId: '1', quantity: 1, sku: 'SKU-MUG', from: 'reserved' }] },
  },
  ReservationNotFound: {
    summary: 'There is no stock of this order to set aside.',
    example: { message: 'no reservation for line 1' },
  },
  StockReservedAgain: { summary: 'The stock is where it was.', example: { lines } },
  StockOnSale: { summary: 'The stock can be bought.', example: { lines } },
  AwaitingParcel: { summary: 'The stock goes on sale when its parcel is back.', example: { lines } },
  FulfilmentPaused: {
    summary: 'What is not handed over stays.',
    example: { shipments: [{ ...parcel, result: 'paused' }] },
  },
  NothingToStop: {
    summary:
      'No parcel is on its way, and a mark keeps it so; `paused`: it is kept where it is, with `labelKept` until `ReleaseLabels` gives its label back.',
    example: { shipments: [{ ...parcel, result: 'not-needed' }] },
  },
  LabelVoided: {
    summary: 'The labels are void; nothing was handed over.',
    example: { shipments: [{ ...parcel, result: 'label-voided' }] },
  },
  ShipmentIntercepted: {
    summary: 'The carrier brings the parcels back.',
    example: { shipments: [{ ...parcel, result: 'intercepted' }] },
  },
  InterceptFailed: {
    summary: 'A parcel cannot be stopped, and why.',
    example: { shipments: [{ ...parcel, result: 'failed', failure: 'delivered' }], message: 'shp-1 was delivered' },
  },
  ShipmentResumed: {
    summary: 'The parcels are on their way to the customer as before.',
    example: { shipments: [{ ...parcel, result: 'resumed' }] },
  },
  LabelsReleased: {
    summary:
      'Each label of a held parcel is void, or will be, or its carrier says no to that (`paused`): the parcel stays.',
    example: { shipments: [{ ...parcel, result: 'label-voided' }] },
  },
  RefundSettled: { summary: 'One answer for all tenders: the money is back.', example: { tenders: [exampleTender] } },
  RefundRefused: {
    summary: 'Every tender has a final no; no money moved, none is in doubt.',
    example: { tenders: [refused], message: 'the account is closed' },
  },
  RefundStuck: {
    summary: 'Some money moved and the rest cannot go on by itself: a person decides.',
    example: {
      reason: 'refund-refused-after-pivot',
      tenders: [exampleTender, { ...refused, tenderId: 't2' }],
      message: 't2 was refused',
    },
  },
  RoundClosed: {
    summary:
      'The round is closed: a command of it that comes later is answered `Undone`. Of the refund: where its money is.',
    example: { tenders: [exampleTender] },
  },
  NothingMoved: { summary: 'No money moved, and none will: `RefundOrder` is refused from now on.', example: {} },
  MoneyMoved: { summary: 'There is no way back. Leaves no tombstone.', example: { tenders: [exampleTender] } },
  StepPending: {
    summary: 'Accepted, and not over: the final answer comes later. Never stored.',
    example: { tenders: [{ ...exampleTender, state: 'pending' }] },
  },
  Undone: { summary: 'The step was taken back, and is not done any more in this round.', example: {} },
  NothingToUndo: { summary: 'The step was not done; a tombstone keeps it from being done in this round.', example: {} },
  StepFailed: {
    summary: 'A technical failure that outlived its attempts. The saga waits for a person.',
    example: { error: 'the carrier does not answer', attempts: 20, moneyInDoubt: false },
  },
  CommandRejected: {
    summary: 'The command could not be read and is a dead letter.',
    example: { deadLetterId: 'order.commands.v1:0:17', reason: 'round: expected a whole number, got "one"' },
  },
} satisfies { readonly [Name in AnswerName]: Note<z.input<(typeof answers)[Name]>> }
