import { setTimeout as sleep } from 'node:timers/promises'
import { inGroups } from '@countermand/process/in-groups.ts'
import { sagaIdInUse } from '../../src/runs/workflow-ids.ts'
import type { FoundSaga } from '../find/find.ts'
import { listRuns } from '../find/runs.ts'
import type { Databases } from '../reach/databases.ts'
import { unwatched, type WatchProgress } from '../reach/progress.ts'
import type { Temporal } from '../reach/temporal.ts'
import { Unsettled } from '../reach/unsettled.ts'
import { doneOf } from '../story/done.ts'
import type { Effect } from './effect.ts'

/** What would be sent to one saga. */
export type Planned =
  | {
      readonly todo: true
      readonly text: string
      send(): Promise<Pick<Effect, 'changed' | 'text' | 'sent'>>
    }
  | { readonly todo: false; readonly text: string; readonly refused: boolean }

export interface Item {
  readonly saga: FoundSaga
  /** What the services have done already: none of it is done again. */
  readonly done: readonly string[]
  readonly planned: Planned
}

export interface Reported {
  readonly requestId: string
  readonly orderId: string
  /** `unsettled`: it was sent, and has not helped so far, or nobody knows yet. */
  readonly result: 'done' | 'nothing-done' | 'unsettled' | 'refused'
  readonly text: string
}

const atOnce = 8

const sagasWhere = async (temporal: Temporal, where: string): Promise<FoundSaga[]> => {
  const runs = await listRuns(temporal, { everyKind: true, where })
  const sagas = new Map(
    runs.map(({ orderId, requestId }) => [JSON.stringify([orderId, requestId]), { orderId, requestId }]),
  )
  return Promise.all(
    [...sagas.values()].map(async (saga) => ({ ...saga, workflowId: await sagaIdInUse(temporal.client, saga) })),
  )
}

/** Looks at each saga that the query finds, some at once, and says what would be sent to it. */
export const preview = async (
  { temporal, databases }: { readonly temporal: Temporal; readonly databases: Databases },
  where: string,
  plan: (saga: FoundSaga) => Promise<Planned>,
  watch: WatchProgress = unwatched,
): Promise<Item[]> => {
  const sagas = await sagasWhere(temporal, where)
  const progress = watch('looked at', sagas.length)
  const items: Item[] = []
  const look = async (saga: FoundSaga) => {
    const planned = await plan(saga).catch(
      (error: unknown): Planned => ({
        todo: false,
        refused: true,
        text: error instanceof Error ? error.message : String(error),
      }),
    )
    items.push({ saga, planned, done: planned.todo ? await doneOf(databases, saga) : [] })
    progress.step()
  }
  await inGroups(
    sagas.map((saga) => [saga]),
    atOnce,
    look,
  )
  progress.end()
  return items.toSorted((a, b) => a.saga.requestId.localeCompare(b.saga.requestId))
}

const reportOf = ({ saga: { requestId, orderId } }: Item, result: Reported['result'], text: string): Reported => ({
  ...{ requestId, orderId, result, text },
})

const sendOne = async (item: Item): Promise<Reported> => {
  const { planned } = item
  if (!planned.todo) return reportOf(item, planned.refused ? 'refused' : 'nothing-done', planned.text)
  try {
    const { changed, text, sent = true } = await planned.send()
    return reportOf(item, changed ? 'done' : sent ? 'unsettled' : 'refused', text)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return reportOf(item, error instanceof Unsettled ? 'unsettled' : 'refused', text)
  }
}

/** Sends what is to be sent, so many a second, and reports on each: one that comes to nothing holds up nobody. */
export const carryOutAll = async (
  items: readonly Item[],
  perSecond: number,
  watch: WatchProgress = unwatched,
): Promise<Reported[]> => {
  const progress = watch('sent', items.length)
  const under: Promise<Reported>[] = []
  for (const item of items) {
    under.push(sendOne(item).finally(() => progress.step()))
    if (item.planned.todo) await sleep(1_000 / perSecond)
  }
  const reported = await Promise.all(under)
  progress.end()
  return reported
}
