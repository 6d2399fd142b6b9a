import { topics, UnreadableMessage } from '@countermand/contracts'
import type { ReadCommand } from '@countermand/kafka/reading.ts'

const orchestrators: readonly string[] = [topics.sagaReplies, topics.sagaFastReplies]

/** Says of a topic, without the prefix, whether commands may be answered there. */
export const replyTopics = (others: readonly string[]): ((topic: string) => boolean) => {
  const allowed = new Set([...orchestrators, ...others])
  return (topic) => allowed.has(topic)
}

/**
 * Who may write commands must not be able to make a service write wherever it may itself: into another service's commands, say.
 * Throws {@link UnreadableMessage}.
 */
export const checkReplyTopic = ({ reply }: ReadCommand, isAllowed: (topic: string) => boolean): void => {
  if (reply !== null && !isAllowed(reply.topic))
    throw new UnreadableMessage(
      'reply-topic-not-allowed',
      `expected reply-topic to be one of ${orchestrators.join(', ')}, or of the setting REPLY_TOPICS, got ${reply.topic}`,
    )
}
