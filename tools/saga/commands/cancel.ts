import type { Options } from '../actions/cancel.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { withTelling } from '../tell/options.ts'

const help = `
It is Temporal's Cancel: the saga puts everything back as it was, as long as no money has moved, and ends \`withdrawn\`. Who, for
whom and why are kept in the run's history, and shown by \`saga show\`; the public only hears that an operator did it.`

/** `saga cancel`: an operator stops a cancellation. */
export const cancel: DefineCommand = (program, ended) => {
  withTelling(program.command('cancel <requestId>'))
    .description('stops a cancellation, before money has moved: everything is put back as it was')
    .option('--on-behalf-of <whom>', 'who wants it stopped')
    .requiredOption('--reason <why>', 'why, in words')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga cancel 3f2b… --by ann --reason "the parcel cannot be stopped" --dry-run',
        'saga cancel 3f2b… --by ann --reason "the parcel cannot be stopped"',
      ),
    )
    .action(async (id: string, options: Options) =>
      ended(await (await import('../actions/cancel.ts')).run(id, options)),
    )
}
