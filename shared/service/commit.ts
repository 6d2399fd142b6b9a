import { sourceOf } from '@countermand/contracts'
import type { Database, DatabaseTransaction } from '@countermand/database'
import { nothingStored, type Outbox, type Stored } from './outbox.ts'
import { eventMessage } from './outgoing.ts'
import { leaveInbox, loadSteps, lockOrders, saveSteps } from './rows.ts'
import { runWorks } from './run-works.ts'
import type { AnyService } from './service.ts'
import { saveTasks, saveWaiting, wakeWaiting } from './storage.ts'
import { createUnit } from './unit.ts'
import type { Answered, ScheduledTask } from './unit-result.ts'
import { patienceTasks } from './waited.ts'
import { orderOf, type Work } from './work.ts'

export interface CommitOptions<State> {
  readonly definition: AnyService<State>
  readonly database: Database
  readonly outbox: Outbox
  /** Milliseconds. */
  readonly orderPatience: number
}

/** What a transaction came to, once it is committed. */
export interface Committed {
  readonly stored: Stored
  readonly tasks: ScheduledTask[]
  /** Orders that were heard of just now, and that messages wait for. */
  readonly arrived: string[]
  readonly answered: Answered[]
}

const keysOf = <State>(works: readonly Work<State>[]) => ({
  orderIds: [...new Set(works.flatMap((work) => orderOf(work) ?? []))],
  requestIds: [...new Set(works.flatMap((work) => ('requestId' in work ? (work.requestId ?? []) : [])))],
})

/** Loads, has the works decided, and writes what was decided, but for what goes out: the outbox writes that, last. */
const decideAndSave = async <State>(
  { definition, orderPatience }: CommitOptions<State>,
  tx: DatabaseTransaction,
  works: readonly Work<State>[],
  now: string,
) => {
  const { store } = definition
  const keys = keysOf(works)
  const { orderIds } = keys
  await lockOrders(tx, orderIds)
  const states = orderIds.length === 0 ? new Map<string, State>() : await store.load(tx, keys)
  const before = new Map(states)
  const unit = createUnit({ definition, states, steps: await loadSteps(tx, orderIds), now })
  const free = await runWorks(definition, tx, unit, works)
  const { waiting, buried, dropped, outbox, answered } = unit.result
  const heard = (state: State | undefined) => state !== undefined && store.heard(state)
  const version = (state: State | undefined) => (state === undefined ? 1 : (store.versionOf?.(state) ?? 1))
  const isLater = (id: string) => version(states.get(id)) > version(before.get(id))
  const arrived = orderIds.filter((id) => heard(states.get(id)) && (!heard(before.get(id)) || isLater(id)))
  const changes = [...states].flatMap(([orderId, after]) =>
    before.get(orderId) === after ? [] : [{ orderId, before: before.get(orderId), after }],
  )
  const news = changes.length > 0 || free.length > 0 ? await store.save(tx, changes, free) : undefined
  const sender = { source: sourceOf(definition.name), now }
  const told = (news ?? []).map(({ key, event }) => eventMessage(sender, key, event, null))
  await saveSteps(tx, unit.stepRows(), now)
  await saveWaiting(tx, waiting)
  await leaveInbox(tx, buried)
  const tasks = [...unit.result.tasks.values(), ...patienceTasks(waiting, now, orderPatience)]
  await saveTasks(tx, tasks, [...dropped])
  return { tasks, arrived: await wakeWaiting(tx, arrived, now), answered, outgoing: [...outbox, ...told] }
}

/** One transaction: inbox, state, answers, events and tasks together, or nothing of it. */
export const commit = async <State>(
  options: CommitOptions<State>,
  works: readonly Work<State>[],
  now: string,
): Promise<Committed> => {
  const { database, outbox } = options
  let stored = nothingStored
  try {
    return await database.transaction().execute(async (tx) => {
      const { outgoing, ...done } = await decideAndSave(options, tx, works, now)
      stored = await outbox.add(tx, outgoing)
      return { stored, ...done }
    })
  } catch (error) {
    outbox.settle(stored, false)
    throw error
  }
}
