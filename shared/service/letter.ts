import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'
import type { LetterWork } from './work.ts'

/** A dead letter made of a message that was read but cannot be used. */
export const letterOf = (
  work: ReadCommand | ReadEvent,
  trouble: { readonly reason: LetterWork['reason']; readonly error: string; readonly attempts?: number },
): LetterWork => ({
  kind: 'letter',
  raw: work.raw,
  reason: trouble.reason,
  error: trouble.error,
  attempts: trouble.attempts ?? 1,
  asker:
    work.kind === 'command' && work.reply !== null
      ? { orderId: work.orderId, requestId: work.requestId, commandId: work.messageId, reply: work.reply }
      : undefined,
})
