import { amount, currency, refundDestination } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { nextAttemptAt, type ServiceDefinition, type TaskMoment, type TaskResult, task } from '@countermand/messaging'
import { z } from 'zod'
import { ChannelError, type RefundCall, type RefundResult } from './channels/channel.ts'
import { type Channels, routes, routing } from './channels/index.ts'
import { acceptOrder } from './decide/accept-order.ts'
import { type Asking, type Heard, refundCalled, refundOverdue, refundPolled } from './decide/channel-result.ts'
import { closeRefund, refundClosed } from './decide/close-refund.ts'
import { forbidRefund } from './decide/forbid.ts'
import { refundOrder } from './decide/refund-order.ts'
import { underWay } from './decide/settle.ts'
import type { ChannelTask, Policy } from './decide/transition.ts'
import type { Payment } from './state.ts'
import { pendingRefunds } from './store/measures.ts'
import { store } from './store/store.ts'

/** Milliseconds. */
export interface PaymentSettings {
  readonly stepAttempts: number
  readonly stepBackoffMs: number
  readonly refundPatienceMs: number
}

const refundCall = exactly<RefundCall>()(
  z.object({
    orderId: z.string(),
    tenderId: z.string(),
    paymentRef: z.string(),
    amount,
    currency,
    destination: refundDestination,
    round: z.int(),
    idempotencyKey: z.string(),
  }),
)
const channelTask = exactly<ChannelTask>()(z.object({ refundId: z.string(), route: z.enum(routes), call: refundCall }))

/** A technical failure is a value here, for the kit keeps only an error's message, and what it reached decides about money. */
const hear = (answer: Promise<RefundResult>): Promise<Heard> =>
  answer.catch((error: unknown) => ({
    outcome: 'technical',
    reached: error instanceof ChannelError ? error.reached : 'unknown',
    error: error instanceof Error ? error.message : String(error),
  }))

const heardOf = (result: TaskResult<Heard | undefined>): Heard =>
  result.ok && result.value !== undefined
    ? result.value
    : { outcome: 'technical', reached: 'unknown', error: result.ok ? 'no answer' : result.error }

/** All that the payment service accepts. */
export const payment = (settings: PaymentSettings, channels: Channels): ServiceDefinition<'payment', Payment> => {
  const { refundPatienceMs, stepAttempts: attempts, stepBackoffMs: backoffMs } = settings
  const policy: Policy = { refundPatienceMs, keys: attempts, terms: (name) => channels[name], routing }
  const asking = (at: TaskMoment): Asking => ({
    now: at.now,
    attempt: at.attempt,
    retryAt: nextAttemptAt(at, { attempts, backoffMs }),
  })
  return {
    name: 'payment',
    store,
    measures: [pendingRefunds],
    commands: {
      RefundOrder: {
        decide: (state, command, at) => refundOrder(state, command, at, policy),
        again: (state, command, stored) => stored ?? underWay(state, command.requestId),
      },
      ForbidRefund: { decide: forbidRefund },
    },
    closing: {
      decide: (state, command, at) => closeRefund(state, command, at, policy),
      again: (state, command) => refundClosed(state, command.requestId),
    },
    queries: {},
    events: { 'order.accepted.v1': { decide: acceptOrder } },
    tasks: {
      'call-channel': task({
        payload: channelTask,
        perform: (each) => hear(channels[each.route].refund(each.call)),
        decide: (state: Payment | undefined, { refundId }, result, at) =>
          refundCalled(state, refundId, heardOf(result), asking(at), policy),
      }),
      'poll-refund': task({
        payload: channelTask,
        perform: (each) => hear(channels[each.route].status(each.call)),
        decide: (state: Payment | undefined, { refundId }, result, at) =>
          refundPolled(state, refundId, heardOf(result), asking(at), policy),
      }),
      'refund-overdue': task({
        payload: z.object({ refundId: z.string() }),
        decide: (state: Payment | undefined, { refundId }) => refundOverdue(state, refundId),
      }),
    },
  }
}
