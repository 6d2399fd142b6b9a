import { userInfo } from 'node:os'
import { Option } from 'commander'
import type { Options } from '../actions/dlq-redrive.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `saga dlq redrive`: sends the messages of dead letters to their topics again, each once. */
export const dlqRedrive: DefineCommand = (group, ended) => {
  group
    .command('redrive [id...]')
    .description('sends the messages of dead letters to their topics again, each once')
    .option('--cause <cause>', 'all open ones with this cause, instead of ids')
    .option('--topic <topic>', 'of these only those of this topic')
    .option('--since <duration>', 'of these only those that failed so long ago or less, such as 2d', ago)
    .option(
      '--edit <file>',
      'send this value instead: key and headers stay, the event id is new; checked before it is sent',
    )
    .option('--force', 'also one that was redriven 3 times, or discarded')
    .option('--dry-run', 'only says what would be sent, and whether it can be read')
    .option('--by <you>', 'who', userInfo().username)
    .option('--reason <why>', 'why, in words')
    .addOption(new Option('--why <why>').hideHelp())
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      examples(
        'saga dlq redrive orders.placed.v1:0:12 --reason "payment is well again"',
        'saga dlq redrive orders.placed.v1:0:12 --edit fixed.json --reason "the amount was wrong"',
        'saga dlq redrive --cause processing-failed --since 2h --dry-run',
      ),
    )
    .action(async (ids: string[], options: Options) =>
      ended(await (await import('../actions/dlq-redrive.ts')).run(ids, options)),
    )
}
