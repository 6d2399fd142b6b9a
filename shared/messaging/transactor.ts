import { type Answer, type CommandName, commands, deadLetterId, type QueryName } from '@countermand/contracts'
import { type Database, type DatabaseTransaction, isInfrastructureError } from '@countermand/database'
import { type Logger, logContext, traceIds } from '@countermand/telemetry'
import { attemptsOfOne, createGivingUp } from './giving-up.ts'
import type { Left } from './last-resort.ts'
import { InfrastructureError } from './message.ts'
import { nothingStored, type Outbox, type Stored } from './outbox.ts'
import type { ReadCommand, ReadEvent } from './reading.ts'
import { enterInbox, inboxKey, leaveInbox, loadSteps, lockOrders, saveSteps } from './rows.ts'
import type { AnyService } from './service.ts'
import {
  patienceKind,
  patienceTaskId,
  readWaiting,
  saveTasks,
  saveWaiting,
  setTaskAside,
  takeTasks,
  takeWaiting,
  waitingId,
} from './storage.ts'
import { type Answered, createUnit, type ScheduledTask } from './unit.ts'
import { outOfPatience, waitedWork, waitsUnder } from './waited.ts'
import { orderOf, type Work } from './work.ts'

const isQuery = (name: CommandName): name is QueryName => 'query' in commands[name]

/** Turns work into one committed transaction: inbox, state, answers, events and tasks together. */
export interface Transactor<State> {
  /** Resolves once all of it is committed. Throws {@link InfrastructureError} when none of what is left is. */
  transact(works: readonly Work<State>[]): Promise<void>
}

interface Committed {
  readonly stored: Stored
  readonly tasks: ScheduledTask[]
  /** Orders that were heard of just now. */
  readonly arrived: string[]
  readonly answered: Answered[]
}

export const createTransactor = <State>(options: {
  readonly definition: AnyService<State>
  readonly database: Database
  readonly outbox: Outbox
  /** Milliseconds. */
  readonly orderPatience: number
  /** Told when tasks were committed, with the earliest due time in ms. */
  readonly onTasks: (earliestDue: number) => void
  /** Told of each answer that was committed. */
  readonly onAnswer: (answer: Answer['type']) => void
  /** Told of a dead letter that could not be written whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
}): Transactor<State> => {
  const { definition, database, outbox, log } = options
  const { store } = definition
  type Unit = ReturnType<typeof createUnit<State>>

  const inboxEntry = (work: Work<State>) => {
    if (work.kind === 'event' && !work.fromWaiting) return { source: work.source, id: work.id }
    if (work.kind === 'letter')
      return { source: 'dead-letter', id: deadLetterId(work.raw.topic, work.raw.partition, work.raw.offset) }
    return undefined
  }

  const ask = async (tx: DatabaseTransaction, name: QueryName, query: object): Promise<Answer> => {
    const handler = definition.queries[name]
    if (handler === undefined) throw new Error(`expected a handler of ${name} in the ${definition.name} service`)
    return handler.answer(tx, query)
  }

  /** Messages that waited for these orders, as work of their own: one that cannot be processed must not undo the order's arrival. */
  const waitingWorks = async (arrived: readonly string[]): Promise<Work<State>[]> => {
    if (arrived.length === 0) return []
    return (await readWaiting(database, arrived)).map((each) => waitedWork(definition.name, each))
  }

  const patienceTasks = (waiting: readonly (ReadCommand | ReadEvent)[], now: string): ScheduledTask[] =>
    waiting.map((message) => ({
      id: patienceTaskId(message.orderId ?? '', waitingId(message)),
      kind: patienceKind,
      orderId: message.orderId ?? '',
      dueAt: new Date(Date.parse(now) + options.orderPatience).toISOString(),
      traceparent: message.traceparent,
      payload: {
        messageId: waitingId(message),
        ...(message.kind === 'command' ? { requestId: message.requestId } : {}),
      },
      attempts: 0,
    }))

  const isFree = (work: Work<State>): work is Work<State> & ReadEvent => {
    const handler = work.kind === 'event' && work.orderId === undefined ? definition.events[work.type] : undefined
    return handler !== undefined && 'free' in handler
  }

  /** Has each work decided; gives back the events that belong to no order, which nobody decides. */
  const runWorks = async (tx: DatabaseTransaction, unit: Unit, works: readonly Work<State>[]): Promise<ReadEvent[]> => {
    const fresh = await enterInbox(
      tx,
      works.flatMap((work) => inboxEntry(work) ?? []),
    )
    const owned = await takeTasks(
      tx,
      works.filter((work) => work.kind === 'task' || work.kind === 'patience'),
    )
    const free: ReadEvent[] = []
    for (const work of works) {
      const entry = inboxEntry(work)
      // Deleted as used: the same event twice in one batch is a duplicate too.
      if (entry !== undefined && !fresh.delete(inboxKey(entry))) continue
      const waits = waitsUnder(work)
      const waited = waits === undefined ? undefined : await takeWaiting(tx, waits)
      if (waits !== undefined) unit.result.dropped.add(patienceTaskId(waits.orderId, waits.messageId))
      if (work.kind === 'patience') {
        if (owned.has(work.taskId) && waited !== undefined)
          unit.handle(outOfPatience(waitedWork(definition.name, waited)))
      } else if (waits !== undefined && waited === undefined) continue
      else if (work.kind === 'task') {
        const attempts = owned.get(work.taskId)
        if (attempts !== undefined) unit.handle(work, attempts)
      } else if (work.kind === 'broken-task') {
        const attempts = await setTaskAside(tx, work)
        if (attempts !== undefined) unit.handle(work, attempts)
      } else if (work.kind === 'command' && isQuery(work.name)) unit.reply(work, await ask(tx, work.name, work.data))
      else if (isFree(work)) free.push(work)
      else unit.handle(work)
    }
    return free
  }

  const commit = async (works: readonly Work<State>[], now: string): Promise<Committed> => {
    let stored = nothingStored
    try {
      return await database.transaction().execute(async (tx) => {
        const orderIds = [...new Set(works.flatMap((work) => orderOf(work) ?? []))]
        await lockOrders(tx, orderIds)
        const requestIds = [...new Set(works.flatMap((work) => ('requestId' in work ? (work.requestId ?? []) : [])))]
        const states = orderIds.length === 0 ? new Map<string, State>() : await store.load(tx, { orderIds, requestIds })
        const before = new Map(states)
        const unit = createUnit({ definition, states, steps: await loadSteps(tx, orderIds), now })
        const free = await runWorks(tx, unit, works)
        const heard = (state: State | undefined) => state !== undefined && store.heard(state)
        const arrived = orderIds.filter((id) => !heard(before.get(id)) && heard(states.get(id)))
        const changes = [...states].flatMap(([orderId, after]) =>
          before.get(orderId) === after ? [] : [{ orderId, before: before.get(orderId), after }],
        )
        if (changes.length > 0 || free.length > 0) await store.save(tx, changes, free)
        await saveSteps(tx, unit.stepRows(), now)
        await saveWaiting(tx, unit.result.waiting)
        await leaveInbox(tx, unit.result.buried)
        const tasks = [...unit.result.tasks.values(), ...patienceTasks(unit.result.waiting, now)]
        await saveTasks(tx, tasks, [...unit.result.dropped])
        stored = await outbox.add(tx, unit.result.outbox)
        return {
          stored,
          tasks,
          arrived,
          answered: unit.result.answered,
        }
      })
    } catch (error) {
      outbox.settle(stored, false)
      throw error
    }
  }

  const attempt = async (works: readonly Work<State>[]) => {
    const { stored, tasks, arrived, answered } = await commit(works, new Date().toISOString())
    outbox.settle(stored, true)
    for (const { commandId, answer, traceparent, ...of } of answered) {
      options.onAnswer(answer)
      log.info({ ...logContext(of), commandId, answer, ...traceIds(traceparent) }, 'answered')
    }
    if (tasks.length > 0) options.onTasks(Math.min(...tasks.map((task) => Date.parse(task.dueAt))))
    await transactAll(await waitingWorks(arrived))
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
        if (isInfrastructureError(error) || !(error instanceof Error))
          throw new InfrastructureError('expected the database to answer', { cause: error })
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
        if (isInfrastructureError(error))
          throw new InfrastructureError('expected the database to answer', { cause: error })
        log.warn({ err: error, messages: works.length }, 'a batch failed, its messages are taken one by one')
      }
    }
    for (const work of works) await transactOne(work)
  }

  return { transact: transactAll }
}
