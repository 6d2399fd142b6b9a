import { writeFile } from 'node:fs/promises'
import { findSaga, runsOf } from '@countermand/workflows/operations/find/find.ts'
import type { Run } from '@countermand/workflows/operations/find/runs.ts'
import { fetchHistory } from '@countermand/workflows/operations/history/fetch.ts'
import { isClosed } from '@countermand/workflows/operations/history/history.ts'
import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { print } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'

const fixtures = 'workflows/histories'

export interface Options {
  readonly output?: string
  readonly run?: string
}

/** Fixtures are called after what happened, in kebab-case. */
const fixtureName = ({ outcome, attentionReason, stage, status }: Run): string =>
  `${fixtures}/${[outcome ?? status.toLowerCase(), attentionReason ?? stage].filter(Boolean).join('-')}.json`

const choose = (runs: readonly Run[], id: string, runId: string | undefined): Run => {
  const found = runId === undefined ? runs.at(-1) : runs.find((run) => run.runId.startsWith(runId))
  if (found !== undefined) return found
  const kept = runs.length === 0 ? 'Temporal keeps none' : `Temporal keeps ${runs.map((run) => run.runId).join(', ')}`
  throw new Error(`expected a run of ${id}${runId === undefined ? '' : ` called ${runId}`}, ${kept}`)
}

/** Writes the history of one run. */
export const run = async (id: string, { output, run: runId }: Options): Promise<ExitCode> => {
  await onSystem(await readAddresses(process.env), async ({ temporal, databases }) => {
    const run = choose(await runsOf(temporal, await findSaga(databases, temporal, id)), id, runId)
    const history = await fetchHistory(temporal, run)
    const text = `${historyToJSON(history)}\n`
    if (output === undefined) process.stdout.write(text)
    else {
      await writeFile(output, text)
      print(`${output}: ${history.events?.length} events of ${run.workflowId}`)
    }
    if (!isClosed(history)) process.stderr.write('the run is open: its history is incomplete\n')
    if (!output?.includes(fixtures)) process.stderr.write(`as a test fixture: -o ${fixtureName(run)}\n`)
  })
  return 0
}
