import { cancelRequested } from '@countermand/contracts'
import type { Ids, Role, Step } from '../role.ts'

const request = (ids: Ids) =>
  cancelRequested.parse({
    ...ids,
    // The same for a duplicate: other content under the same id would be another request.
    requestedAt: '2026-11-20T10:00:00Z',
    initiator: { kind: 'customer', id: 'cus-1' },
    reason: { code: 'changed-mind', note: 'ordered twice' },
  })

const hold: Step = {
  command: 'BeginCancellation',
  message: (bus, ids, round, to) => bus.command('BeginCancellation', { ...request(ids), round }, to),
  yes: 'CancellationBegun',
  no: 'WindowClosed',
  // What a request came to is kept for ever: a later round does not begin it anew.
  unheard: { answer: 'OrderNotFound', nextRound: 'AlreadyEnded' },
  undo: {
    command: 'AbandonCancellation',
    message: (bus, ids, round, to) =>
      bus.command(
        'AbandonCancellation',
        { ...ids, round, outcome: 'withdrawn', stage: 'confirming', request: request(ids) },
        to,
      ),
    afterYes: 'CancellationAbandoned',
    afterNo: 'NothingToUndo',
    afterNothing: 'CancellationAbandoned',
    nextRound: 'AlreadyEnded',
    restores: true,
  },
}

const close: Step = {
  command: 'ConfirmCancellation',
  message: (bus, ids, round, to) => bus.command('ConfirmCancellation', { ...ids, round, refunds: [] }, to),
  yes: 'OrderCancelled',
  after: hold,
}

const record: Step = {
  command: 'RecordCancellation',
  message: (bus, ids, round, to) =>
    bus.command(
      'RecordCancellation',
      {
        ...ids,
        round,
        key: 'merchant',
        request: request(ids),
        record: { what: 'decided', decision: 'approve', by: 'mer-1', at: '2026-11-20T11:00:00Z' },
      },
      to,
    ),
  yes: 'CancellationRecorded',
}

/** The order service: it hears of an order first, from upstream. */
export const orderRole: Role = {
  service: 'order',
  arrival: (bus, order) => bus.event('order.placed.v1', order.orderId, order),
  steps: [hold, close, record],
}
