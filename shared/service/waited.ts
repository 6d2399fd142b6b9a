import { type KitName, UnreadableMessage } from '@countermand/contracts'
import { type ReadCommand, type ReadEvent, readMessage } from '@countermand/kafka/reading.ts'
import { patienceKind, patienceTaskId, type WaitingMessage, waitingId } from './storage.ts'
import type { ScheduledTask } from './unit-result.ts'
import { unreadable } from './unreadable.ts'
import type { LetterWork, Waited, Work } from './work.ts'

/** A message that came before its order, as work. */
export type WaitedWork = ((ReadCommand | ReadEvent) & Waited) | LetterWork

/** One that the contract of today does not take any more is a dead letter. */
export const waitedWork = (service: KitName, { raw, ...waits }: WaitingMessage): WaitedWork => {
  try {
    return { ...readMessage(service, raw), fromWaiting: true }
  } catch (error) {
    if (!(error instanceof UnreadableMessage)) throw error
    return { ...unreadable(raw, error, () => true), waits }
  }
}

export const outOfPatience = (work: WaitedWork): WaitedWork =>
  work.kind === 'letter' ? work : { ...work, patienceOver: true }

/** Under which ids a work's message waits; `undefined`: it does not. */
export const waitsUnder = <State>(
  work: Work<State>,
): { readonly orderId: string; readonly messageId: string } | undefined => {
  switch (work.kind) {
    case 'patience':
      return work
    case 'letter':
      return work.waits
    case 'command':
    case 'event':
      return work.fromWaiting === true && work.orderId !== undefined
        ? { orderId: work.orderId, messageId: waitingId(work) }
        : undefined
    default:
      return undefined
  }
}

/** One for each message that waits from now on: when it is due, `ORDER_PATIENCE` is over for it. */
export const patienceTasks = (
  waiting: readonly (ReadCommand | ReadEvent)[],
  now: string,
  patienceMs: number,
): ScheduledTask[] =>
  waiting.map((message) => ({
    id: patienceTaskId(message.orderId ?? '', waitingId(message)),
    kind: patienceKind,
    orderId: message.orderId ?? '',
    dueAt: new Date(Date.parse(now) + patienceMs).toISOString(),
    traceparent: message.traceparent,
    payload: {
      messageId: waitingId(message),
      ...(message.kind === 'command' ? { requestId: message.requestId } : {}),
    },
    attempts: 0,
  }))
