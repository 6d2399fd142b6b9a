import { topicPlan } from '@countermand/contracts'
import { unsentLetter } from '@countermand/kafka/dead-letter.ts'
import { type Left, publishingLetters } from '@countermand/kafka/last-resort.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Publisher } from '@countermand/kafka/publisher.ts'
import { Unsendable } from '@countermand/kafka/unsendable.ts'
import type { Logger } from '@countermand/telemetry'

/** Makes dead letters of messages that can never be sent, so that they hold up no others. */
export interface Undertaker {
  /** Whether the broker has the message's dead letter; otherwise it is to be tried again. */
  isBuried(
    message: OutgoingMessage,
    error: Unsendable,
    tried: { readonly attempts: number; readonly ageMs: number },
  ): Promise<boolean>
}

/** Long enough for somebody to make a topic, or to raise a limit. */
export const buriedAfterMs = 15 * 60_000

const planned: ReadonlySet<string> = new Set(topicPlan().map(({ name }) => name))

/** What an operator has to put right is no fault of the message: it waits, and the process is not ready. */
const isOperators = ({ trouble }: Unsendable, { topic, partition }: OutgoingMessage): boolean =>
  trouble === 'not-allowed' || (trouble === 'no-such-place' && planned.has(topic) && partition === undefined)

const isTooLarge = (error: unknown): boolean => error instanceof Unsendable && error.trouble === 'too-large'

const isLetter = ({ topic }: OutgoingMessage): boolean => topic.endsWith('.dlq')

export const createUndertaker = (options: {
  readonly publisher: Pick<Publisher, 'publish'>
  readonly service: string
  /** Told of a dead letter that could not be sent whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
}): Undertaker => {
  const { publisher, service, onReduced, log } = options
  const publishLetter = publishingLetters(publisher.publish, onReduced, log)

  /** Its headers say more than a content that is too large. */
  const publish = async (letter: OutgoingMessage): Promise<void> => {
    try {
      await publisher.publish([letter])
    } catch (error) {
      await publishLetter([isTooLarge(error) ? { ...letter, value: null } : letter])
    }
  }

  return {
    isBuried: async (message, error, { attempts, ageMs }) => {
      if (isOperators(error, message) || (error.trouble !== 'too-large' && ageMs < buriedAfterMs)) return false
      const bytes = message.value?.length ?? 0
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
      const words = `expected the broker to take a message of ${bytes} bytes on ${message.topic}, got ${error.trouble} (${error.message}${cause})`
      try {
        const failedAt = new Date().toISOString()
        // A letter stays the letter of its message: one about the letter would not say any more where the message was.
        if (isLetter(message)) await publishLetter([message])
        else
          await publish(unsentLetter(message, { reason: 'cannot-be-sent', error: words, service, attempts, failedAt }))
        log.error({ err: error, topic: message.topic, bytes }, 'a message that can never be sent is a dead letter')
        return true
      } catch (trouble) {
        log.error({ err: trouble, topic: message.topic }, 'the dead letter of a message cannot be sent either')
        return false
      }
    },
  }
}
