import type { Role, Step } from '../role.ts'
import { wantedAmount } from '../sample-orders.ts'

const refund: Step = {
  command: 'RefundOrder',
  message: (bus, ids, round, to) =>
    bus.command(
      'RefundOrder',
      { ...ids, round, amount: wantedAmount, currency: 'EUR', refundTo: 'original', fallback: 'attention' },
      to,
    ),
  yes: 'RefundSettled',
  no: 'RefundRefused',
  unheard: { answer: 'StepFailed', nextRound: 'RefundSettled' },
  undo: {
    command: 'ForbidRefund',
    message: (bus, ids, round, to) => bus.command('ForbidRefund', { ...ids, round }, to),
    // The pivot: money that moved does not come back by an undo.
    afterYes: 'MoneyMoved',
    afterNo: 'NothingMoved',
    afterNothing: 'NothingMoved',
    nextRound: 'Undone',
    restores: false,
  },
}

export const paymentRole: Role = {
  service: 'payment',
  arrival: (bus, order) => bus.event('order.accepted.v1', order.orderId, order),
  steps: [refund],
}
