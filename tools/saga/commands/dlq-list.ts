import { Option } from 'commander'
import type { Options } from '../actions/dlq-list.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `saga dlq list`: dead letters, oldest first. */
export const dlqList: DefineCommand = (group, ended) => {
  group
    .command('list')
    .description('lists dead letters, oldest first')
    .option('--topic <topic>', 'only those of this topic')
    .option('--cause <cause>', 'only those with this cause')
    .addOption(new Option('--reason <cause>').hideHelp())
    .option('--since <duration>', 'only those that failed so long ago or less, such as 2d', ago)
    .option('--open', 'only those that nobody has dealt with')
    .option('--json', 'prints one JSON array')
    .addHelpText(
      'after',
      examples(
        'saga dlq list',
        'saga dlq list --open --cause processing-failed',
        'saga dlq list --topic orders.placed.v1 --since 1d --json',
      ),
    )
    .action(async (options: Options) => ended(await (await import('../actions/dlq-list.ts')).run(options)))
}
