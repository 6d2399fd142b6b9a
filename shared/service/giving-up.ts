import { type KitName, said } from '@countermand/contracts'
import { type Database, isInfrastructureError, isTooSlow } from '@countermand/database'
import type { Left } from '@countermand/kafka/last-resort.ts'
import { InfrastructureError } from '@countermand/kafka/message.ts'
import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'
import { type Logger, logContext } from '@countermand/telemetry'
import { isOfMessage, lesserLetters } from './lesser-letters.ts'
import { letterOf } from './letter.ts'
import { readWaiting } from './storage.ts'
import { waitedWork, waitsUnder } from './waited.ts'
import { type LetterWork, orderOf, type TaskWork, type Work } from './work.ts'

/** How often a work is tried alone before it is given up. */
export const attemptsOfOne = 3

/** An event that waited is in the inbox since it came. */
const entered = (message: ReadCommand | ReadEvent) => (message.kind === 'event' ? { entered: message } : {})

/**
 * What becomes of work that cannot be done: a message is a dead letter, a task is a call that failed. None of it holds up what is behind it;
 * a database that takes nothing at all does, and everything is tried again.
 */
export const createGivingUp = <State>(options: {
  readonly service: KitName
  readonly database: Database
  readonly attempt: (work: Work<State>) => Promise<void>
  /** Tries it several times, and gives it up in its turn. */
  readonly transact: (work: Work<State>) => Promise<void>
  /** Told of a dead letter that could not be written whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
}) => {
  const { service, database, log } = options
  /** The message that a work is about, as a dead letter. */
  const letterFor = async (work: Work<State>, error: Error): Promise<LetterWork | undefined> => {
    const trouble = { reason: 'processing-failed', error: error.message, attempts: attemptsOfOne } as const
    const waits = waitsUnder(work)
    if (work.kind === 'command' || work.kind === 'event')
      return { ...letterOf(work, trouble), ...(waits === undefined ? {} : { waits, ...entered(work) }) }
    if (work.kind !== 'patience') return undefined
    const waiting = (await readWaiting(database, [work.orderId])).find(({ messageId }) => messageId === work.messageId)
    const message = waiting && waitedWork(service, waiting)
    if (message === undefined || message.kind === 'letter') return message
    return { ...letterOf(message, trouble), waits: work, ...entered(message) }
  }

  const couldBeTried = async (work: Work<State>, isOfWork = isOfMessage): Promise<Error | undefined> => {
    try {
      await options.attempt(work)
      return undefined
    } catch (error) {
      if (isInfrastructureError(error) || !(error instanceof Error) || !isOfWork(error))
        throw new InfrastructureError('expected the database to answer', { cause: error })
      return error
    }
  }

  /**
   * A letter that cannot be written must not stop its partition: it is written with less, and at last only counted. One that is not
   * written in time tells that the database is slow with everything: then nobody's message is at fault.
   */
  const setAside = async (letter: LetterWork, reason: Error) => {
    const { topic, partition, offset } = letter.raw
    let found: Error | undefined = reason
    for (const [left, lesser] of isOfMessage(reason) ? lesserLetters(letter) : []) {
      found = await couldBeTried(lesser)
      if (found !== undefined) continue
      log.error({ err: reason, topic, partition, offset, left }, 'a dead letter could not be written whole')
      options.onReduced(left)
      return
    }
    if (!isOfMessage(reason)) throw new InfrastructureError('expected a dead letter to be written', { cause: reason })
    log.fatal(
      { err: found, topic, partition, offset },
      'a dead letter could not be written at all, its message is skipped',
    )
    options.onReduced('nothing')
  }

  /** Its result cannot be saved, or its decision fails: to the service it is a call that failed. When even that fails, the task is. */
  const failTask = async (work: TaskWork<State>, reason: Error) => {
    const { taskId, orderId, token } = work
    const error = `expected a result that can be used, got ${reason.message}`
    const failed = work.failing?.(error)
    const isOfTask = (found: Error) => isOfMessage(found) || isTooSlow(found)
    if (failed !== undefined && (await couldBeTried({ ...work, decide: failed }, isOfTask)) === undefined) return
    await options.transact({ kind: 'broken-task', taskId, orderId, token, error: said(error) })
  }

  return async (work: Work<State>, error: Error): Promise<void> => {
    log.error(
      {
        err: error,
        kind: work.kind,
        ...('requestId' in work
          ? logContext({ orderId: work.orderId, requestId: work.requestId })
          : { orderId: orderOf(work) }),
      },
      'cannot be processed',
    )
    if (work.kind === 'letter') return await setAside(work, error)
    if (work.kind === 'task') return await failTask(work, error)
    if (work.kind === 'deed') return work.failed(error)
    const letter = await letterFor(work, error)
    if (letter !== undefined) await options.transact(letter)
  }
}
