import { pauseInWords } from '@countermand/workflows/src/intake-gate.ts'
import pc from 'picocolors'
import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { listFailingRuns } from '../failing-runs.ts'
import { currentPause } from '../intake/pause.ts'
import { outcomeText, print, printJson, table } from '../print.ts'
import { listRuns, openTemporal, type Run } from '../runs.ts'

interface Options {
  readonly attention?: true
  readonly stage?: string
  readonly outcome?: string
  readonly order?: string
  readonly since?: Date
  readonly json?: true
}

const document = (run: Run) => ({
  requestId: run.requestId,
  orderId: run.orderId,
  workflowId: run.workflowId,
  runId: run.runId,
  status: run.status.toLowerCase(),
  stage: run.stage ?? null,
  outcome: run.outcome ?? null,
  needsAttention: run.needsAttention,
  attentionReason: run.attentionReason ?? null,
  merchantId: run.merchantId ?? null,
  reasonCode: run.reasonCode ?? null,
  startedAt: run.startedAt.toISOString(),
  closedAt: run.closedAt?.toISOString() ?? null,
})

const rowOf = (run: Run): string[] => [
  run.startedAt.toISOString().slice(0, 19).replace('T', ' '),
  run.orderId,
  run.requestId,
  run.stage ?? '',
  run.status === 'RUNNING' || run.outcome !== undefined ? outcomeText(run.outcome) : run.status.toLowerCase(),
  run.needsAttention ? pc.red(run.attentionReason ?? 'yes') : '',
]

/** `saga list`: the sagas that Temporal keeps, newest first. */
export const list: DefineCommand = (program, ended) => {
  program
    .command('list')
    .description('lists sagas, newest first')
    .option('--attention', 'only those that wait for a person, or whose workflow task keeps failing')
    .option('--stage <stage>', 'only those in this stage')
    .option('--outcome <outcome>', 'only those that ended so')
    .option('--order <id>', 'only those of this order')
    .option('--since <duration>', 'only those started so long ago or less, such as 2d', ago)
    .option('--json', 'prints one JSON array')
    .addHelpText(
      'after',
      examples(
        'saga list --attention',
        'saga list --since 2d --outcome compensated',
        'saga list --order ord-1001 --json',
      ),
    )
    .action(async ({ json, ...query }: Options) => {
      const temporal = await openTemporal(await readAddresses(process.env))
      try {
        const failing = query.attention ? await listFailingRuns(temporal, query) : []
        const runs = [...(await listRuns(temporal, query)), ...failing]
        const pause = json ? undefined : await currentPause(temporal)
        if (pause !== undefined) print(pc.red(pauseInWords(pause)))
        if (json) printJson(runs.map(document))
        else if (runs.length === 0) print('no sagas')
        else print(table(['started (UTC)', 'order', 'request', 'stage', 'outcome', 'attention'], runs.map(rowOf)))
        ended(0)
      } finally {
        await temporal.close()
      }
    })
}
