import type { Answer } from '@countermand/contracts'
import { isInfrastructureError } from '@countermand/database'
import type { Left } from '@countermand/kafka/last-resort.ts'
import { InfrastructureError } from '@countermand/kafka/message.ts'
import { type Logger, logContext, traceIds } from '@countermand/telemetry'
import { type CommitOptions, commit } from './commit.ts'
import { attemptsOfOne, createGivingUp } from './giving-up.ts'
import { readWaiting } from './storage.ts'
import { waitedWork } from './waited.ts'
import type { Work } from './work.ts'

/** Turns work into one committed transaction: inbox, state, answers, events and tasks together. */
export interface Transactor<State> {
  /** Resolves once all of it is committed. Throws {@link InfrastructureError} when none of what is left is. */
  transact(works: readonly Work<State>[]): Promise<void>
}

interface TransactorOptions<State> extends CommitOptions<State> {
  /** Told when tasks were committed, with the earliest due time in ms. */
  readonly onTasks: (earliestDue: number) => void
  /** Told of each answer that was committed. */
  readonly onAnswer: (answer: Answer['type']) => void
  /** Told of a dead letter that could not be written whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
}

const databaseAway = (cause: unknown) => new InfrastructureError('expected the database to answer', { cause })

export const createTransactor = <State>(options: TransactorOptions<State>): Transactor<State> => {
  const { definition, database, outbox, log } = options

  /** Messages that waited for these orders, as work of their own: one that cannot be processed must not undo the order's arrival. */
  const waitingWorks = async (arrived: readonly string[]): Promise<Work<State>[]> => {
    return (await readWaiting(database, arrived)).map((each) => waitedWork(definition.name, each))
  }

  /** The orders have come, whatever becomes of this: their messages are due as tasks. */
  const goOnWaiting = async (arrived: readonly string[]): Promise<void> => {
    try {
      await transactAll(await waitingWorks(arrived))
    } catch (error) {
      log.warn({ err: error, orders: arrived.length }, 'what waited for orders is looked at again')
      options.onTasks(Date.now())
    }
  }

  const attempt = async (works: readonly Work<State>[]) => {
    const { stored, tasks, arrived, answered } = await commit(options, works, new Date().toISOString())
    outbox.settle(stored, true)
    for (const { commandId, answer, traceparent, ...of } of answered) {
      options.onAnswer(answer)
      log.info({ ...logContext(of), commandId, answer, ...traceIds(traceparent) }, 'answered')
    }
    if (tasks.length > 0) options.onTasks(Math.min(...tasks.map((task) => Date.parse(task.dueAt))))
    if (arrived.length > 0) await goOnWaiting(arrived)
  }

  const giveUp = createGivingUp<State>({
    ...{ service: definition.name, database, onReduced: options.onReduced, log },
    attempt: (work) => attempt([work]),
    transact: (work) => transactOne(work),
  })

  const transactOne = async (work: Work<State>): Promise<void> => {
    for (let round = 1; ; round++) {
      try {
        return await attempt([work])
      } catch (error) {
        if (isInfrastructureError(error) || !(error instanceof Error)) throw databaseAway(error)
        if (round >= attemptsOfOne) return await giveUp(work, error)
      }
    }
  }

  const transactAll = async (works: readonly Work<State>[]): Promise<void> => {
    if (works.length === 0) return
    if (works.length > 1) {
      try {
        return await attempt(works)
      } catch (error) {
        if (isInfrastructureError(error)) throw databaseAway(error)
        log.warn({ err: error, messages: works.length }, 'a batch failed, its messages are taken one by one')
      }
    }
    for (const work of works) await transactOne(work)
  }

  return { transact: transactAll }
}
