import { type CommandName, commands } from '@countermand/contracts'
import type { ReadCommand } from '@countermand/kafka/reading.ts'
import { type SettledByHand, settledByHandOf } from '@countermand/order/store/facts.ts'
import { listRuns } from '../find/runs.ts'
import type { Addresses } from '../reach/addresses.ts'
import { type Databases, openDatabases } from '../reach/databases.ts'
import { openTemporal, type Temporal } from '../reach/temporal.ts'
import { commandIn } from './check.ts'
import type { Task } from './plan.ts'

/** Commands that nobody waits for any more: a service would do what a person, or the saga's end, has settled otherwise. */

type Command = Pick<ReadCommand, 'name' | 'step' | 'direction' | 'round'>

/** Records and queries change nothing, and a decision may be told however late. */
const isAlwaysFit = (name: CommandName): boolean =>
  name === 'RecordCancellation' || name === 'CloseRound' || 'query' in commands[name]

/** Why a command is not to be sent again, in words; `undefined`: it may be. `open`: runs go on that are of its request. */
export const whyClosed = (
  command: Command,
  { outcome, decided: list }: SettledByHand,
  open: boolean,
): string | undefined => {
  const { name, step, direction, round } = command
  if (isAlwaysFit(name)) return undefined
  const closing = list.find((each) => each.step === step && each.direction === direction && each.round >= round)
  if (closing !== undefined)
    return `${closing.by} has decided about ${direction} ${step}, round ${closing.round} (${closing.decision}): discard it`
  return outcome === null || open ? undefined : `its saga is over (${outcome}), nobody waits for ${name}: discard it`
}

const isRunning = async (temporal: Temporal, { orderId, requestId }: ReadCommand): Promise<boolean> => {
  const runs = await listRuns(temporal, { everyKind: true, order: orderId })
  return runs.some((run) => run.requestId === requestId && run.status === 'RUNNING')
}

const refusalOf = async (databases: Databases, temporal: Temporal, command: ReadCommand) => {
  const found = await settledByHandOf(databases.order, command.requestId)
  if (found === undefined) return undefined
  const open = found.outcome !== null && (await isRunning(temporal, command))
  return whyClosed(command, found, open)
}

/** The same tasks; those whose command nobody waits for say why they are not to be sent. */
export const withClosed = async (where: Addresses, tasks: readonly Task[]): Promise<Task[]> => {
  const found = tasks.map((task) => ({ task, command: task.redrive && commandIn(task.redrive.message) }))
  if (found.every(({ command }) => command === undefined)) return [...tasks]
  const databases = openDatabases(where.databaseUrls)
  const temporal = await openTemporal(where)
  try {
    const checked: Task[] = []
    for (const { task, command } of found) {
      const closed = command && (await refusalOf(databases, temporal, command))
      checked.push(closed === undefined ? task : { ...task, closed })
    }
    return checked
  } finally {
    await databases.close()
    await temporal.close()
  }
}
