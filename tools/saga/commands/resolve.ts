import { remedy } from '@countermand/contracts/vocabulary.ts'
import { Option } from 'commander'
import type { Options } from '../actions/resolve.ts'
import { withBulk } from '../bulk/options.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { wait } from '../wait.ts'

/** `saga resolve`: a person's decision about a saga that needs attention. It is recorded by who and why before it is acted on. */
export const resolve: DefineCommand = (program, ended) => {
  withBulk(program.command('resolve [requestId]'))
    .description('decides how a saga goes on that needs attention')
    .addOption(new Option('--decision <decision>', 'what to do').choices(remedy.options).makeOptionMandatory())
    .addOption(new Option('--to <destination>', 'with refund-elsewhere').choices(['store-credit', 'bank-transfer']))
    .option('--step <step>', 'which step, where several need attention')
    .option(
      '--settled <tenders...>',
      'with a skip of the refund: the tenders that were given back by hand, where not all are',
    )
    .requiredOption('--by <you>', 'who decides')
    .requiredOption('--reason <why>', 'why, in words')
    .addOption(wait())
    .option('--dry-run', 'only says what would be sent, and what is already done')
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      '\nWhat came of it is looked at for a while (--wait) and told; exit code 1 when it is stuck as before, or its way back is.',
    )
    .addHelpText(
      'after',
      examples(
        'saga resolve 3f2b… --decision retry --by ann --reason "the carrier is back"',
        'saga resolve 3f2b… --decision refund-elsewhere --to store-credit --by ann --reason "the card is closed"',
        `saga resolve --where "AttentionReason = 'refund-overdue'" --decision retry --by ann --reason "asked the bank" --dry-run`,
      ),
    )
    .action(async (id: string | undefined, options: Options) =>
      ended(await (await import('../actions/resolve.ts')).run(id, options)),
    )
}
