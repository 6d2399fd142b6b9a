import { type EventType, readEnvelope } from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/messaging'
import { type ReadCommand, type ReadEvent, type ReadMessage, readMessage } from '@countermand/messaging/reading.ts'
import type { StepRow } from '@countermand/messaging/rows.ts'
import type { AnyService } from '@countermand/messaging/service.ts'
import { createUnit, letterOf, type ScheduledTask } from '@countermand/messaging/unit.ts'
import { z } from 'zod'
import { type Clock, createClock } from './clock.ts'

const incoming = (message: OutgoingMessage): IncomingMessage => ({
  ...message,
  ...{ partition: 0, offset: '0' },
  key: message.key === null ? null : String(message.key),
  value: message.value === null ? null : Buffer.from(message.value),
})

export interface ServiceInMemory {
  /** Handles one message in a transaction of its own. */
  receive(message: OutgoingMessage): void
  /** The same with an event that was taken before there were today's limits: nobody holds it to them. */
  receiveAsBefore(type: EventType, message: OutgoingMessage): void
  /** The order that messages wait for does not come. */
  patienceOver(): void
  /** Runs what the service has to do for itself, however late it is due, the earliest first. */
  work(): Promise<void>
  /** Runs the earliest of it; false: there is nothing to do. */
  workOnce(): Promise<boolean>
}

/** More than any honest service needs: one that polls for ever is a bug. */
const mostTasks = 100

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
  let steps: StepRow[] = []
  const waiting: (ReadCommand | ReadEvent)[] = []
  const tasks = new Map<string, ScheduledTask>()

  type Work = Parameters<ReturnType<typeof createUnit<State>>['handle']>[0]
  const transact = (work: Work, attempts: number) => {
    const inside = new Map(states)
    const rows = steps.map((row) => ({ ...row }))
    const unit = createUnit({ definition, states: inside, steps: rows, now: new Date(clock.now()).toISOString() })
    unit.handle(work, attempts)
    steps = unit.stepRows()
    for (const [orderId, state] of inside) states.set(orderId, state)
    waiting.push(...unit.result.waiting)
    for (const id of unit.result.dropped) tasks.delete(id)
    for (const [id, task] of unit.result.tasks) tasks.set(id, task)
    for (const message of unit.result.outbox) send(message)
  }

  const handle = (work: Work, attempts = 0) => {
    try {
      transact(work, attempts)
    } catch (error) {
      if (work.kind !== 'command' && work.kind !== 'event') throw error
      const trouble = { reason: 'processing-failed', error: String(error) } as const
      transact(letterOf(work, trouble), 0)
    }
  }

  const takeUp = (patienceOver: boolean) => {
    for (const work of waiting.splice(0)) handle({ ...work, patienceOver })
  }

  const run = async (task: ScheduledTask) => {
    clock.advanceTo(Date.parse(task.dueAt))
    const handler = definition.tasks[task.kind]
    if (handler === undefined) throw new Error(`expected a handler of task ${task.kind} in ${definition.name}`)
    // As it comes back from a jsonb column.
    const payload: unknown = JSON.parse(JSON.stringify(task.payload))
    const { id: taskId, orderId, traceparent } = task
    const decide = await handler.run(payload, orderId, task)
    // Moved or dropped meanwhile: its result is lost with its lease.
    if (tasks.get(taskId) !== task) return
    tasks.delete(taskId)
    handle({ kind: 'task', taskId, orderId, token: '', traceparent, decide }, task.attempts + 1)
  }

  const earliest = () => [...tasks.values()].toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt))[0]

  const workOnce = async (): Promise<boolean> => {
    const next = earliest()
    if (next !== undefined) await run(next)
    return next !== undefined
  }

  const take = (read: ReadMessage) => {
    handle(read)
    const state = read.orderId === undefined ? undefined : states.get(read.orderId)
    if (state !== undefined && definition.store.heard(state)) takeUp(false)
  }

  return {
    receive: (message) => take(readMessage(definition.name, incoming(message))),
    receiveAsBefore: (type, message) => {
      const raw = incoming(message)
      const { source, id, data } = readEnvelope(raw)
      const taken = z.looseObject({ orderId: z.string() }).parse(data)
      take({ kind: 'event', type, source, id, orderId: taken.orderId, data: taken, traceparent: null, raw })
    },
    patienceOver: () => takeUp(true),
    workOnce,
    work: async () => {
      for (let count = 0; count < mostTasks; count++) if (!(await workOnce())) return
      throw new Error(`expected ${definition.name} to come to rest, it has worked off ${mostTasks} tasks`)
    },
  }
}
