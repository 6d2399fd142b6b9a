import { writeFile } from 'node:fs/promises'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { findSaga, runsOf } from '../find.ts'
import { print } from '../print.ts'
import { fetchHistory } from '../replay/fetch.ts'
import { isClosed } from '../replay/history.ts'
import { openTemporal, type Run } from '../runs.ts'

const fixtures = 'workflows/histories'

/** Fixtures are called after what happened, in kebab-case. */
const fixtureName = ({ outcome, attentionReason, stage, status }: Run): string =>
  `${fixtures}/${[outcome ?? status.toLowerCase(), attentionReason ?? stage].filter(Boolean).join('-')}.json`

const choose = (runs: readonly Run[], id: string, runId: string | undefined): Run => {
  const found = runId === undefined ? runs.at(-1) : runs.find((run) => run.runId.startsWith(runId))
  if (found !== undefined) return found
  const kept = runs.length === 0 ? 'Temporal keeps none' : `Temporal keeps ${runs.map((run) => run.runId).join(', ')}`
  throw new Error(`expected a run of ${id}${runId === undefined ? '' : ` called ${runId}`}, ${kept}`)
}

/** `saga export`: a history as Temporal's JSON has it. */
export const exportHistory: DefineCommand = (program, ended) => {
  program
    .command('export <requestId>')
    .description("writes a saga's history as JSON, ready to be replayed and to be a test fixture")
    .option('-o, --output <file>', 'where to (default: stdout)')
    .option('--run <runId>', 'which run, of several (default: the latest)')
    .addHelpText('after', `\nA file in ${fixtures} is replayed by every \`npm test\`.`)
    .addHelpText('after', examples('saga export 3f2b… -o workflows/histories/refund-refused-by-the-wallet.json'))
    .action(async (id: string, { output, run: runId }: { readonly output?: string; readonly run?: string }) => {
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      try {
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
        ended(0)
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
