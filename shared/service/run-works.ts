import { type Answer, type CommandName, commands, deadLetterId, type QueryName } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import type { ReadEvent } from '@countermand/kafka/reading.ts'
import { enterInbox, inboxKey } from './rows.ts'
import type { AnyService } from './service.ts'
import { patienceTaskId, setTaskAside, takeTasks, takeWaiting } from './storage.ts'
import type { Unit } from './unit.ts'
import { outOfPatience, waitedWork, waitsUnder } from './waited.ts'
import type { Work } from './work.ts'

const isQuery = (name: CommandName): name is QueryName => 'query' in commands[name]

/** Under which id a work may be done once; `undefined`: something else sees to that. */
const inboxEntry = <State>(work: Work<State>) => {
  if (work.kind === 'event' && !work.fromWaiting) return { source: work.source, id: work.id }
  if (work.kind === 'letter')
    return { source: 'dead-letter', id: deadLetterId(work.raw.topic, work.raw.partition, work.raw.offset) }
  return undefined
}

const ask = async <State>(
  definition: AnyService<State>,
  tx: DatabaseTransaction,
  name: QueryName,
  query: object,
): Promise<Answer> => {
  const handler = definition.queries[name]
  if (handler === undefined) throw new Error(`expected a handler of ${name} in the ${definition.name} service`)
  return handler.answer(tx, query)
}

const isFree = <State>(definition: AnyService<State>, work: Work<State>): work is Work<State> & ReadEvent => {
  const handler = work.kind === 'event' && work.orderId === undefined ? definition.events[work.type] : undefined
  return handler !== undefined && 'free' in handler
}

/** Has each work decided; gives back the events that belong to no order, which nobody decides. */
export const runWorks = async <State>(
  definition: AnyService<State>,
  tx: DatabaseTransaction,
  unit: Unit<State>,
  works: readonly Work<State>[],
): Promise<ReadEvent[]> => {
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
    // Somebody else has come to it meanwhile: what waits again since then is not this task's any more.
    if (work.kind === 'patience' && !owned.has(work.taskId)) continue
    const waits = waitsUnder(work)
    const waited = waits === undefined ? undefined : await takeWaiting(tx, waits)
    if (waits !== undefined) unit.result.dropped.add(patienceTaskId(waits.orderId, waits.messageId))
    if (work.kind === 'patience') {
      if (waited === undefined) continue
      const came = waitedWork(definition.name, waited)
      unit.handle(work.arrived === true ? came : outOfPatience(came))
    } else if (waits !== undefined && waited === undefined) continue
    else if (work.kind === 'task') {
      const attempts = owned.get(work.taskId)
      if (attempts !== undefined) unit.handle(work, attempts)
    } else if (work.kind === 'broken-task') {
      const attempts = await setTaskAside(tx, work)
      if (attempts !== undefined) unit.handle(work, attempts)
    } else if (work.kind === 'command' && isQuery(work.name))
      unit.reply(work, await ask(definition, tx, work.name, work.data))
    else if (isFree(definition, work)) free.push(work)
    else unit.handle(work)
  }
  return free
}
