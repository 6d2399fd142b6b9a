import { randomUUID } from 'node:crypto'
import { type Answer, type CommandName, serviceOf, topics, UnreadableMessage } from '@countermand/contracts'
import { type IncomingMessage, Unsendable } from '@countermand/kafka'
import { processed } from '@countermand/kafka/spans.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { bury } from '../messages/bury.ts'
import { commandMessage, UnsendableCommand } from '../messages/command-message.ts'
import type { Publish } from '../messages/publish.ts'
import { readAnswer } from '../messages/read-answer.ts'
import { encodeReplyTo, type FastReplyTo, type SlowPlace } from '../messages/reply-to.ts'
import type { NotNow } from '../protocol/activities.ts'

export const fastRepliesGroup = 'countermand-fast-replies'

/** Sends a command, and waits for its answer in this process for so many milliseconds; later it goes to its slow place. Never rejects. */
export type AskFast = (
  command: CommandName,
  data: unknown,
  withinMs: number,
  later: SlowPlace,
) => Promise<Answer | NotNow>

interface FastLaneOptions {
  readonly publish: Publish
  /** The partitions of the topic of fast replies that this process reads at the moment. */
  readonly owned: () => readonly number[]
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
  /** So many commands in a row without an answer in time, and the service is left alone for a while (default 5). */
  readonly missesInARow?: number
}

interface FastLane {
  readonly ask: AskFast
  /** Hands an answer to whoever waits for it; false: nobody does. */
  readonly give: (to: FastReplyTo, answer: Answer) => boolean
  /** The same with answers as they come from Kafka. */
  readonly onBatch: (messages: readonly IncomingMessage[]) => Promise<void>
}

const sent = ({ key, value, headers }: IncomingMessage) => ({ key, value, headers })

/** How long a service is left alone that does not answer in time. */
const leftAloneMs = 5_000

/** With less time than this, a service that did not answer is not to blame: others have used up the workflow task's budget. */
const fairMs = 1_500

class NoAnswer extends Error {
  readonly withinMs: number
  constructor(command: CommandName, withinMs: number) {
    super(`no answer to ${command} within ${withinMs} ms`)
    this.withinMs = withinMs
  }
}

const isMiss = (error: unknown): boolean =>
  !(error instanceof UnsendableCommand) && (!(error instanceof NoAnswer) || error.withinMs >= fairMs)

/** Every step in the slow lane. */
export const noFastLane: AskFast = async () => ({ type: 'NotNow' })

const resultOf = (error: unknown): 'no-answer' | 'left-alone' | 'failed' => {
  if (error instanceof NoAnswer) return 'no-answer'
  return error instanceof BrokenCircuitError ? 'left-alone' : 'failed'
}

/** Who waits for answers in this process, and sends what they ask. */
const openWaiting = (publish: Publish, now: () => string) => {
  const waiting = new Map<string, (answer: Answer) => void>()
  const answerWithin = async (
    command: CommandName,
    data: unknown,
    partition: number,
    withinMs: number,
    later: SlowPlace,
  ) => {
    const waiter = randomUUID()
    let timer: NodeJS.Timeout | undefined
    const answered = new Promise<Answer>((resolve, reject) => {
      waiting.set(waiter, resolve)
      timer = setTimeout(() => reject(new NoAnswer(command, withinMs)), withinMs)
    })
    const reply = {
      'reply-topic': topics.sagaFastReplies,
      'reply-partition': String(partition),
      'reply-to': encodeReplyTo({ waiter, ...later, command }),
    }
    try {
      // A broker that is away must not hold us longer than a service that is.
      const failed = publish([commandMessage(command, data, now(), reply)]).then(() => answered)
      return await Promise.race([answered, failed])
    } finally {
      clearTimeout(timer)
      waiting.delete(waiter)
    }
  }
  const give = ({ waiter }: FastReplyTo, answer: Answer): boolean => {
    const resolve = waiting.get(waiter)
    resolve?.(answer)
    return resolve !== undefined
  }
  return { answerWithin, give }
}

/**
 * The process's part of the fast lane. Who waits is known to this process alone, so the answer must come to a partition that
 * it owns; when it does not, nothing is lost: the same command goes out again in the slow lane, and answers go to the latest asker.
 */
export const openFastLane = (options: FastLaneOptions): FastLane => {
  const { publish, owned, now, log, metrics, missesInARow = 5 } = options
  const { answerWithin, give } = openWaiting(publish, now)
  const counted = metrics.counter<'command' | 'result'>({
    name: 'countermand_fast_steps_total',
    help: 'Steps tried in the fast lane, by what came of it',
    labelNames: ['command', 'result'],
  })
  const openBreaker = () =>
    circuitBreaker(handleWhen(isMiss), { halfOpenAfter: leftAloneMs, breaker: new ConsecutiveBreaker(missesInARow) })
  const breakers = { order: openBreaker(), inventory: openBreaker(), logistics: openBreaker(), payment: openBreaker() }

  const ask: AskFast = async (command, data, withinMs, later) => {
    // Always the same one while it can be: the answers of many sagas then come in one batch.
    const [partition] = owned()
    if (partition === undefined) {
      counted.inc({ command, result: 'no-partition' })
      return { type: 'NotNow' }
    }
    try {
      const service = serviceOf(command, data)
      if (service === undefined) return { type: 'NotNow' }
      const answer = await breakers[service].execute(() => answerWithin(command, data, partition, withinMs, later))
      counted.inc({ command, result: answer.type === 'StepPending' ? 'pending' : 'answered' })
      return answer
    } catch (error) {
      const result = resultOf(error)
      if (result === 'failed') log.warn({ err: error, command }, 'the fast lane could not send, the slow one does')
      counted.inc({ command, result })
      return { type: 'NotNow' }
    }
  }

  /** To the slow lane. One that no broker takes there, as it takes less than this one, must not hold up those behind it. */
  const forward = async (message: IncomingMessage): Promise<void> => {
    try {
      await publish([{ ...sent(message), topic: topics.sagaReplies }])
    } catch (error) {
      if (!(error instanceof Unsendable) || !['too-large', 'refused'].includes(error.trouble)) throw error
      throw new UnreadableMessage('cannot-be-sent', `${topics.sagaReplies}: ${error.message}`, { cause: error })
    }
  }

  const take = async (message: IncomingMessage): Promise<void> => {
    try {
      const { replyTo, answer } = readAnswer(message)
      if ('waiter' in replyTo && give(replyTo, answer)) return
      // Those behind it are waited for: Temporal, which may be slow, is not asked here.
      if (answer.type !== 'StepPending') await forward(message)
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error
      await bury(message, error, { publish, now, log })
    }
  }

  return {
    ask,
    give,
    onBatch: async (messages) => {
      await Promise.all(messages.map((message) => processed(message, take)))
    },
  }
}
