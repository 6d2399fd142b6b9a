import { type EventType, readEnvelope } from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka/message.ts'
import { type ReadCommand, type ReadEvent, type ReadMessage, readMessage } from '@countermand/kafka/reading.ts'
import { letterOf } from '@countermand/service/letter.ts'
import type { StepRow } from '@countermand/service/rows.ts'
import type { AnyService } from '@countermand/service/service.ts'
import { createUnit, type Unit } from '@countermand/service/unit.ts'
import type { ScheduledTask } from '@countermand/service/unit-result.ts'
import { z } from 'zod'
import { type Clock, createClock } from './clock.ts'

const incoming = (message: OutgoingMessage): IncomingMessage => ({
  ...message,
  ...{ partition: 0, offset: '0' },
  key: message.key === null ? null : String(message.key),
  value: message.value === null ? null : Buffer.from(message.value),
})

export interface TaskInMemory extends ScheduledTask {
  /** Its call is made, and its result not yet committed. */
  readonly leased: boolean
}

export interface ServiceInMemory {
  /** Handles one message in a transaction of its own. */
  receive(message: OutgoingMessage): void
  /** The same with one that was read. */
  take(read: ReadMessage): void
  /** The same with an event that was taken before there were today's limits: nobody holds it to them. */
  receiveAsBefore(type: EventType, message: OutgoingMessage): void
  /** The order that messages wait for does not come. */
  patienceOver(): void
  /** What the service has to do for itself, by id. */
  readonly tasks: ReadonlyMap<string, TaskInMemory>
  /** Messages that wait for their order. */
  readonly waiting: readonly (ReadCommand | ReadEvent)[]
  /**
   * Makes a task's call; gives back how to commit its result, which is dropped when the task was moved, ended or started again
   * meanwhile. Who never calls it has a process that died.
   */
  start(id: string): Promise<() => void>
  /** Runs what the service has to do for itself, however late it is due, the earliest first. */
  work(): Promise<void>
  /** Runs the earliest of it; false: there is nothing to do. */
  workOnce(): Promise<boolean>
  /** As the kit does with steps when their time is over. */
  forgetSteps(): void
}

/** More than any honest service needs: one that polls for ever is a bug. */
const mostTasks = 100

/** What the transactions of a service have left, and how the next is made. */
const createTables = <State>(
  definition: AnyService<State>,
  states: Map<string, State>,
  send: (message: OutgoingMessage) => void,
  clock: Clock,
) => {
  let steps: StepRow[] = []
  const waiting: (ReadCommand | ReadEvent)[] = []
  const tasks = new Map<string, TaskInMemory>()
  type Work = Parameters<Unit<State>['handle']>[0]
  const transact = (work: Work, attempts: number) => {
    const inside = new Map(states)
    const rows = steps.map((row) => ({ ...row }))
    const unit = createUnit({ definition, states: inside, steps: rows, now: clock.iso() })
    unit.handle(work, attempts)
    steps = unit.stepRows()
    for (const [orderId, state] of inside) states.set(orderId, state)
    waiting.push(...unit.result.waiting)
    for (const id of unit.result.dropped) tasks.delete(id)
    for (const [id, task] of unit.result.tasks) tasks.set(id, { ...task, leased: false })
    for (const message of unit.result.outbox) send(message)
  }
  return {
    tasks,
    waiting,
    forgetSteps: () => {
      steps = []
    },
    handle: (work: Work, attempts = 0) => {
      try {
        transact(work, attempts)
      } catch (error) {
        if (work.kind !== 'command' && work.kind !== 'event') throw error
        transact(letterOf(work, { reason: 'processing-failed', error: String(error) }), 0)
      }
    },
  }
}

/**
 * A service of ours with its real handlers, on the kit's own decisions: rounds, duplicates, tombstones and stored answers are
 * the kit's. Only the broker and the database are missing. `states` outlives it.
 */
export const serviceInMemory = <State>(
  definition: AnyService<State>,
  states: Map<string, State>,
  send: (message: OutgoingMessage) => void,
  clock: Clock = createClock(),
): ServiceInMemory => {
  const { tasks, waiting, forgetSteps, handle } = createTables(definition, states, send, clock)

  const takeUp = (patienceOver: boolean) => {
    for (const work of waiting.splice(0)) handle({ ...work, patienceOver })
  }

  const take = (read: ReadMessage) => {
    handle(read)
    const state = read.orderId === undefined ? undefined : states.get(read.orderId)
    if (state !== undefined && definition.store.heard(state)) takeUp(false)
  }

  /** Makes a task's call; gives back how to commit its result, which is lost when its row is not this one any more. */
  const call = async (task: TaskInMemory): Promise<(attempts: number) => void> => {
    const { id, kind, orderId, traceparent } = task
    const handler = definition.tasks[kind]
    if (handler === undefined) throw new Error(`expected a handler of task ${kind} in ${definition.name}`)
    // As it comes back from a jsonb column.
    const decide = await handler.run(JSON.parse(JSON.stringify(task.payload)), orderId, task)
    return (attempts) => {
      if (tasks.get(id) !== task) return
      tasks.delete(id)
      handle({ kind: 'task', taskId: id, orderId, token: '', traceparent, decide }, attempts)
    }
  }

  const start: ServiceInMemory['start'] = async (id) => {
    const task = tasks.get(id)
    if (task === undefined) throw new Error(`expected a task ${id}, got ${[...tasks.keys()].join()}`)
    const leased = { ...task, attempts: task.attempts + 1, leased: true }
    tasks.set(id, leased)
    const finish = await call(leased)
    return () => finish(leased.attempts)
  }

  /** Without a lease: two who work at once both call, and the first result counts, before either of them goes on. */
  const workOnce = async (): Promise<boolean> => {
    const [next] = [...tasks.values()].toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt))
    if (next === undefined) return false
    clock.advanceTo(Date.parse(next.dueAt))
    const finish = await call(next)
    finish(next.attempts + 1)
    return true
  }

  return {
    receive: (message) => take(readMessage(definition.name, incoming(message))),
    take,
    receiveAsBefore: (type, message) => {
      const raw = incoming(message)
      const { source, id, data } = readEnvelope(raw)
      const taken = z.looseObject({ orderId: z.string() }).parse(data)
      take({ kind: 'event', type, source, id, orderId: taken.orderId, data: taken, traceparent: null, raw })
    },
    patienceOver: () => takeUp(true),
    tasks,
    waiting,
    start,
    workOnce,
    work: async () => {
      for (let count = 0; count < mostTasks; count++) if (!(await workOnce())) return
      throw new Error(`expected ${definition.name} to come to rest, it has worked off ${mostTasks} tasks`)
    },
    forgetSteps,
  }
}
