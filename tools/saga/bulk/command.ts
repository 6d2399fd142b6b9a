import { createInterface } from 'node:readline/promises'
import type { FoundSaga } from '@countermand/workflows/operations/find/find.ts'
import type { System } from '@countermand/workflows/operations/reach/system.ts'
import {
  carryOutAll,
  type Item,
  type Planned,
  preview,
  type Reported,
} from '@countermand/workflows/operations/repair/many.ts'
import { columns, print, printJson, table } from '../../terminal/print.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import { startProgress } from '../progress.ts'
import type { BulkOptions } from './options.ts'

/** Throws unless exactly one of a request and a query is given. */
export const checkTarget = (id: string | undefined, { where }: BulkOptions): void => {
  if ((id === undefined) === (where === undefined)) throw new Error('expected a request or --where, got both or none')
}

const doneText = (done: readonly string[]): string =>
  done.length === 0 ? 'nothing' : `${done.length} steps, last ${done.at(-1)}`

const previewTable = (items: readonly Item[]): string =>
  table(
    ['request', 'would send', 'done already'],
    items.map(({ saga, planned, done }) => [
      saga.requestId,
      planned.todo ? planned.text : planned.refused ? `refused: ${planned.text}` : planned.text,
      planned.todo ? doneText(done) : '',
    ]),
  )

const documentOf = ({ saga: { requestId, orderId, workflowId }, planned, done }: Item) => ({
  ...{ requestId, orderId, workflowId, todo: planned.todo, text: planned.text, done },
})

const mayGoOn = async (count: number, { yes }: BulkOptions): Promise<boolean> => {
  if (yes || count === 0) return true
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new Error(`expected --yes to send to ${count} sagas where nobody can be asked, or --dry-run`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`send to ${count} sagas? [y/N] `).finally(() => terminal.close())
  return /^y(es)?$/i.test(answer.trim())
}

const sumOf = (reported: readonly Reported[]) => {
  const count = (result: Reported['result']) => reported.filter((each) => each.result === result).length
  return {
    ...{ done: count('done'), nothingDone: count('nothing-done') },
    ...{ unsettled: count('unsettled'), refused: count('refused') },
  }
}

const printReport = (reported: readonly Reported[]): void => {
  const { done, nothingDone, unsettled, refused } = sumOf(reported)
  print(columns(reported.map(({ requestId, result, text }) => [requestId, result, text])))
  print(`${done} done, ${nothingDone} needed nothing, ${unsettled} not settled yet, ${refused} refused`)
}

/** Previews, asks, sends and reports. Run again, it does only what is left. */
export const runBulk = async (
  parts: Pick<System, 'temporal' | 'databases'>,
  options: BulkOptions & { readonly where: string },
  plan: (saga: FoundSaga) => Promise<Planned>,
): Promise<ExitCode> => {
  const { json = false, dryRun = false } = options
  const items = await preview(parts, options.where, plan, startProgress)
  const todo = items.filter(({ planned }) => planned.todo).length
  if (!json) print(items.length === 0 ? 'no sagas' : previewTable(items))
  if (dryRun) {
    if (json) printJson({ dryRun, sagas: items.map(documentOf) })
    return items.some(({ planned }) => !planned.todo && planned.refused) ? foundSomething : 0
  }
  if (!(await mayGoOn(todo, options))) return 0
  const reported = await carryOutAll(items, options.rate, startProgress)
  if (json) printJson({ dryRun, ...sumOf(reported), sagas: reported })
  else printReport(reported)
  return reported.some(({ result }) => result === 'refused' || result === 'unsettled') ? foundSomething : 0
}
