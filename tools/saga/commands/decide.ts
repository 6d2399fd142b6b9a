import { Option } from 'commander'
import type { Options } from '../actions/decide.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { withTelling } from '../tell/options.ts'

const help = `
Only while the saga waits for its merchant: \`saga list --stage confirming\`. --by is who types, --on-behalf-of who has decided;
both are kept with the request, and --reason with its run. Public are --on-behalf-of (else \`operator\`) and --message, as the
merchant's own would be.`

/** `saga decide`: the merchant's decision, by whoever may make it. */
export const decide: DefineCommand = (program, ended) => {
  withTelling(program.command('decide <requestId>'))
    .description("decides for the merchant whether a request to cancel is granted that waits for the merchant's word")
    .addOption(new Option('--decision <decision>', 'what').choices(['approve', 'reject']).makeOptionMandatory())
    .option('--on-behalf-of <merchant>', 'whose decision it is')
    .option('--message <text>', 'for the customer and the public, in words')
    .option('--reason <why>', 'why, in words, for the record alone')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga decide 3f2b… --decision approve --by ann --on-behalf-of mer-3 --reason "called at 3 am" --dry-run',
        'saga decide 3f2b… --decision reject --by ann --on-behalf-of mer-3 --message "it was made to measure"',
      ),
    )
    .action(async (id: string, options: Options) =>
      ended(await (await import('../actions/decide.ts')).run(id, options)),
    )
}
