import { sagaOutcome, sagaStage } from '@countermand/contracts/vocabulary.ts'
import { Option } from 'commander'
import type { Options } from '../actions/list.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `saga list`: the sagas that Temporal keeps, newest first; those that need somebody, what hurts most first. */
export const list: DefineCommand = (program, ended) => {
  program
    .command('list')
    .description('lists sagas, newest first; with --attention what hurts most first')
    .option('--attention', 'only those that wait for a person, or whose workflow task keeps failing')
    .addOption(new Option('--stage <stage>', 'only those in this stage').choices(sagaStage.options))
    .addOption(new Option('--outcome <outcome>', 'only those that ended so').choices(sagaOutcome.options))
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
    .action(async (options: Options) => ended(await (await import('../actions/list.ts')).run(options)))
}
