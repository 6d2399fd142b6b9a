import { clip, most, type UnreadableMessage } from '@countermand/contracts'
import type { IncomingMessage } from '@countermand/kafka/message.ts'
import { replyAddress } from '@countermand/kafka/reading.ts'
import type { LetterWork } from './work.ts'

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The dead letter of a message that cannot be read, with what can be read of a command: enough to tell its asker. */
export const unreadable = (
  message: IncomingMessage,
  error: UnreadableMessage,
  isAllowed: (topic: string) => boolean,
): LetterWork => {
  const address = replyAddress(message.headers)
  const reply = address !== null && isAllowed(address.topic) ? address : null
  // Its asker knows it by its address: ids that are none, or no end of text, are of no use in an answer.
  const commandId = clip(message.headers.ce_id ?? '', most.messageIdBytes)
  const [orderId = '', requestId = ''] = commandId.split('/').map((part) => clip(decode(part), 384))
  return {
    kind: 'letter',
    raw: message,
    reason: error.reason,
    error: error.message,
    attempts: 1,
    asker: reply === null ? undefined : { orderId, requestId, commandId, reply },
  }
}
