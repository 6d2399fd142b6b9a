import type { CommandName, commands } from '@countermand/contracts'
import { exampleRequest } from '@countermand/contracts/examples.ts'
import type { z } from 'zod'
import { exampleTender, type Note } from './event-notes.ts'

const { orderId, requestId } = exampleRequest
const of = { orderId, requestId, round: 1 }
export const exampleLines = [{ lineId: '1', quantity: 1, sku: 'SKU-MUG' }]

/** Every command of the contracts. */
export const commandNotes = {
  BeginCancellation: {
    summary: 'Check the request and put the order on hold.',
    example: { ...of, ...exampleRequest },
  },
  AbandonCancellation: {
    summary: 'Undo of `BeginCancellation`: release the hold, the order being as if the saga had not run.',
    example: { ...of, outcome: 'compensated', code: 'refund-refused', stage: 'refunding', request: exampleRequest },
  },
  ListHolds: {
    summary:
      'Ask which orders are on hold since `until` or longer. A query: it changes nothing, is answered anew each time, and nothing of it is kept. `orderId` and `requestId` name the asker.',
    example: { ...of, until: '2026-11-20T10:00:00Z' },
  },
  ReadCancellation: {
    summary:
      'Ask what the request is about and what was decided about it, whether it is open or over. A query: it changes nothing, is answered anew each time, and nothing of it is kept.',
    example: of,
  },
  RecordCancellation: {
    summary:
      'Write down what only the saga knows: waits, decisions, trouble. `key` tells records of one request apart, and is part of the step: `record.<key>`.',
    example: {
      ...of,
      key: 'decided',
      request: exampleRequest,
      record: { what: 'decided', decision: 'approve', by: 'mer-3', at: '2026-11-20T12:00:00Z' },
    },
  },
  ConfirmCancellation: {
    summary: 'Close the order, or these lines of it. There is no way back.',
    example: { ...of, refunds: [exampleTender] },
  },
  PauseFulfilment: {
    summary: 'While the merchant decides: keep what is not handed over to a carrier.',
    example: of,
  },
  StopShipment: {
    summary:
      'Stop the parcels that hold these lines, and leave a mark: nothing may be shipped for them later. A parcel that is not handed over may be kept where it is (`paused`), with `labelKept` until `ReleaseLabels`. `whole`: nothing of the order is left.',
    example: { ...of, whole: false, lines: exampleLines },
  },
  ResumeShipment: {
    summary:
      'Undo of `StopShipment` and `PauseFulfilment`: remove the mark, print a new label, take an intercept back, also one that nobody answered.',
    example: of,
  },
  ReleaseLabels: {
    summary:
      'Money has moved: void the labels of parcels that were only held, for their postage. They stay where they are whatever comes of it. Sent only when the answer to `StopShipment` said `labelKept` of a parcel.',
    example: of,
  },
  SetStockAside: {
    summary: 'Move the stock of these lines from reserved or shipped to aside, where nobody can buy it.',
    example: { ...of, lines: exampleLines },
  },
  ReserveAgain: {
    summary: 'Undo of `SetStockAside`: back to the bucket it came from.',
    example: of,
  },
  ReturnStockToSale: {
    summary: 'Put what was set aside on sale, now or when the parcel is back.',
    example: of,
  },
  RefundOrder: {
    summary:
      'Give this amount back over the order’s tenders, each through its channel. From the first attempt on there is no way back, unless every tender gets a final no.',
    example: { ...of, amount: 1391, currency: 'EUR', refundTo: 'original' },
  },
  CloseRound: {
    summary:
      'A person has decided about a round of one of your steps: nothing is done for it any more, whatever comes later, and what is under way is watched to its end. With the refund it says what was given back by hand. `key` is part of the step: `close.<key>`.',
    example: {
      ...of,
      key: 'refund-do-1',
      closes: { step: 'refund', direction: 'do', round: 1 },
      decision: 'skip',
      settled: [{ tenderId: 't1', amount: 1391 }],
      by: 'ana',
      reason: 'paid by hand, slip 4711',
    },
  },
  ForbidRefund: {
    summary:
      'Undo of `RefundOrder`, which takes only while no money has moved and none is in doubt. Decided in one transaction: it and the refund’s first attempt exclude each other.',
    example: of,
  },
} satisfies { readonly [Name in CommandName]: Note<z.input<(typeof commands)[Name]['data']>> }
