import { noAccounts } from '@countermand/providers/accounts.ts'
import { nextAttemptAt, type ServiceDefinition, type TaskMoment, type TaskResult, task } from '@countermand/service'
import { z } from 'zod'
import { askFor, lookAt, lookOnlyAt, lookPastFailure } from './channels/ask.ts'
import { ChannelError, type RefundResult } from './channels/channel.ts'
import { type AccountFor, accountFor, type Channels, routing } from './channels/index.ts'
import { acceptOrder } from './decide/accept-order.ts'
import { amendOrder } from './decide/amend-order.ts'
import { paymentCaptured } from './decide/captured.ts'
import { type Heard, refundCalled, refundOverdue, refundPolled, refundReceived } from './decide/channel-result.ts'
import { closeRefund, refundClosed } from './decide/close-refund.ts'
import { forbidRefund } from './decide/forbid.ts'
import type { Asking } from './decide/missed.ts'
import { channelNotified } from './decide/notified.ts'
import { refundOrder } from './decide/refund-order.ts'
import { underWay } from './decide/settle.ts'
import type { Policy } from './decide/work.ts'
import type { Payment } from './state.ts'
import { differences, pendingRefunds } from './store/measures.ts'
import { store } from './store/store.ts'
import { channelTask } from './store/tasks.ts'

/** Milliseconds. */
export interface PaymentSettings {
  readonly stepAttempts: number
  readonly stepBackoffMs: number
  readonly refundPatienceMs: number
}

/** How long a channel that has a refund may take to judge it before that counts as its yes. */
const receivedPatienceMs = 600_000
/** So many keys of one refund a channel may call dead at once before that is its no: each is asked of somebody else's account. */
const deadKeys = 3

/** A technical failure is a value here, for the kit keeps only an error's message, and what it reached decides about money. */
const hear = (answer: Promise<RefundResult>): Promise<Heard> =>
  answer.catch((error: unknown) => ({
    outcome: 'technical',
    reached: error instanceof ChannelError ? error.reached : 'unknown',
    error: error instanceof Error ? error.message : String(error),
    ...(error instanceof ChannelError ? error.facts : {}),
  }))

const heardOf = (result: TaskResult<Heard | undefined>): Heard =>
  result.ok && result.value !== undefined
    ? result.value
    : { outcome: 'technical', reached: 'unknown', error: result.ok ? 'no answer' : result.error }

/** All that the payment service accepts. */
export const payment = (
  settings: PaymentSettings,
  channels: Channels,
  accounts: AccountFor = accountFor(noAccounts),
): ServiceDefinition<'payment', Payment> => {
  const { refundPatienceMs, stepAttempts: attempts, stepBackoffMs: backoffMs } = settings
  const policy: Policy = {
    ...{ refundPatienceMs, receivedPatienceMs, keys: deadKeys, routing },
    terms: (name) => channels[name],
    accountFor: accounts,
  }
  const asking = (at: TaskMoment): Asking => ({
    now: at.now,
    attempt: at.attempt,
    retryAt: nextAttemptAt(at, { attempts, backoffMs }),
  })
  return {
    name: 'payment',
    store,
    measures: [pendingRefunds, differences],
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
    events: {
      'order.accepted.v1': { decide: (state, event, at) => acceptOrder(state, event, at, policy) },
      'order.amended.v1': { decide: (state, event, at) => amendOrder(state, event, at, policy) },
      'channel.notified.v1': { decide: (state, event, at) => channelNotified(state, event, at, policy) },
      'store-credit.spent.v1': { free: true, named: true },
      'gift-card.changed.v1': { free: true, named: true },
      'reconciliation.asked.v1': { free: true, named: true },
      'difference.resolved.v1': { free: true, named: true },
      'payment.captured.v1': { decide: (state, event, at) => paymentCaptured(state, event, at, policy) },
    },
    tasks: {
      'call-channel': task({
        payload: channelTask,
        perform: ({ route, call, lookFirst, lookOnly, pastFailure }) => {
          const channel = channels[route]
          if (lookOnly !== undefined) return hear(lookOnlyAt(channel, call, lookOnly))
          return hear(
            pastFailure === undefined ? askFor(channel, call, lookFirst === true) : lookPastFailure(channel, call),
          )
        },
        decide: (state: Payment | undefined, { refundId, pastFailure }, result, at) =>
          refundCalled(state, refundId, heardOf(result), { ...asking(at), pastFailure }, policy),
      }),
      'poll-refund': task({
        payload: channelTask,
        perform: (each) => hear(lookAt(channels[each.route], each.call)),
        decide: (state: Payment | undefined, { refundId }, result, at) =>
          refundPolled(state, refundId, heardOf(result), asking(at), policy),
      }),
      'refund-received': task({
        payload: z.object({ refundId: z.string() }),
        decide: (state: Payment | undefined, { refundId }, _, at) => refundReceived(state, refundId, at.now, policy),
      }),
      'refund-overdue': task({
        payload: z.object({ refundId: z.string() }),
        decide: (state: Payment | undefined, { refundId }) => refundOverdue(state, refundId),
      }),
    },
  }
}
