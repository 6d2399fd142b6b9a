import type { z } from 'zod'
import { cancelDecided, cancelRequested, cancelWithdrawn } from './cancel-requests.ts'
import { carrierNotified } from './carrier-notified.ts'
import { channelNotified } from './channel-notified.ts'
import { giftCardChanged, storeCreditChanged, storeCreditSpendRefused, storeCreditSpent } from './credit-events.ts'
import { deadLetterDiscarded, deadLetterRedriven } from './dead-letters.ts'
import { feedbackGiven } from './feedback.ts'
import { operationAnswered, operationRequested } from './operations.ts'
import { amendedOrder, orderChanged, orderChangeRefused } from './order-changes.ts'
import {
  acceptedOrder,
  labelWanted,
  paymentCaptured,
  placedOrder,
  shipmentChanged,
  shipmentHeld,
  shipmentUpdated,
  stockReceived,
} from './order-events.ts'
import { differenceResolved, reconciliationAsked } from './reconciliations.ts'
import { refundChanged } from './refund-events.ts'
import {
  cancellationAwaitingMerchant,
  cancellationCompensated,
  cancellationCompleted,
  cancellationDecided,
  cancellationInputRejected,
  cancellationNeedsAttention,
  cancellationRefused,
  cancellationResumed,
  cancellationStarted,
  cancellationWithdrawn,
} from './story.ts'
import { topics } from './topics.ts'

/** Every event by its CloudEvents type: the topic it travels on and the shape of its data. */
export const events = {
  'order.placed.v1': { topic: topics.ordersPlaced, data: placedOrder },
  'order.changed.v1': { topic: topics.ordersPlaced, data: orderChanged },
  'order.accepted.v1': { topic: topics.ordersAccepted, data: acceptedOrder },
  'order.amended.v1': { topic: topics.ordersAccepted, data: amendedOrder },
  'order.change.refused.v1': { topic: topics.cancellations, data: orderChangeRefused },
  'shipment.updated.v1': { topic: topics.shipmentsTracking, data: shipmentUpdated },
  'shipment.held.v1': { topic: topics.shipmentsTracking, data: shipmentHeld },
  'shipment.changed.v1': { topic: topics.shipmentsChanged, data: shipmentChanged },
  'label.wanted.v1': { topic: topics.labels, data: labelWanted },
  'stock.received.v1': { topic: topics.inventoryStock, data: stockReceived },
  'order.cancel.requested.v1': { topic: topics.cancelRequests, data: cancelRequested },
  'order.cancel.decided.v1': { topic: topics.cancelRequests, data: cancelDecided },
  'order.cancel.withdrawn.v1': { topic: topics.cancelRequests, data: cancelWithdrawn },
  'order.cancellation.started.v1': { topic: topics.cancellations, data: cancellationStarted },
  'order.cancellation.awaiting-merchant.v1': { topic: topics.cancellations, data: cancellationAwaitingMerchant },
  'order.cancellation.decided.v1': { topic: topics.cancellations, data: cancellationDecided },
  'order.cancellation.needs-attention.v1': { topic: topics.cancellations, data: cancellationNeedsAttention },
  'order.cancellation.resumed.v1': { topic: topics.cancellations, data: cancellationResumed },
  'order.cancellation.input-rejected.v1': { topic: topics.cancellations, data: cancellationInputRejected },
  'order.cancellation.completed.v1': { topic: topics.cancellations, data: cancellationCompleted },
  'order.cancellation.refused.v1': { topic: topics.cancellations, data: cancellationRefused },
  'order.cancellation.withdrawn.v1': { topic: topics.cancellations, data: cancellationWithdrawn },
  'order.cancellation.compensated.v1': { topic: topics.cancellations, data: cancellationCompensated },
  'feedback.given.v1': { topic: topics.feedback, data: feedbackGiven },
  'payment.captured.v1': { topic: topics.captures, data: paymentCaptured },
  'carrier.notified.v1': { topic: topics.carrierNotifications, data: carrierNotified },
  'channel.notified.v1': { topic: topics.paymentNotifications, data: channelNotified },
  'store-credit.spent.v1': { topic: topics.creditUses, data: storeCreditSpent },
  'gift-card.changed.v1': { topic: topics.creditUses, data: giftCardChanged },
  'store-credit.changed.v1': { topic: topics.credits, data: storeCreditChanged },
  'store-credit.spend-refused.v1': { topic: topics.credits, data: storeCreditSpendRefused },
  'reconciliation.asked.v1': { topic: topics.reconciliations, data: reconciliationAsked },
  'difference.resolved.v1': { topic: topics.reconciliations, data: differenceResolved },
  'refund.submitted.v1': { topic: topics.refunds, data: refundChanged },
  'refund.pending.v1': { topic: topics.refunds, data: refundChanged },
  'refund.action-required.v1': { topic: topics.refunds, data: refundChanged },
  'refund.succeeded.v1': { topic: topics.refunds, data: refundChanged },
  'refund.failed.v1': { topic: topics.refunds, data: refundChanged },
  'refund.reversed.v1': { topic: topics.refunds, data: refundChanged },
  'operation.requested.v1': { topic: topics.operationRequests, data: operationRequested },
  'operation.answered.v1': { topic: topics.operationResults, data: operationAnswered },
  'dead-letter.redriven.v1': { topic: topics.deadLettersLog, data: deadLetterRedriven },
  'dead-letter.discarded.v1': { topic: topics.deadLettersLog, data: deadLetterDiscarded },
} as const satisfies Record<string, { topic: string; data: z.ZodType }>

/** The CloudEvents type of an event. */
export type EventType = keyof typeof events
/** The data of an event, as it is read. */
export type EventData<Type extends EventType> = z.infer<(typeof events)[Type]['data']>
