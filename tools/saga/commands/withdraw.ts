import type { Options } from '../actions/withdraw.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { withTelling } from '../tell/options.ts'

const help = `
Everything is put back as it was, as long as no money has moved; then it is too late. --by is who types, --on-behalf-of who has
changed their mind; public is the latter, else \`operator\`. To stop a cancellation that nobody has taken back: \`saga cancel\`.`

/** `saga withdraw`: the customer takes the request back. */
export const withdraw: DefineCommand = (program, ended) => {
  withTelling(program.command('withdraw <requestId>'))
    .description('takes a request to cancel back for whoever made it, before money has moved')
    .option('--on-behalf-of <customer>', 'who has changed their mind')
    .option('--reason <why>', 'why, in words')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga withdraw 3f2b… --by ann --on-behalf-of cus-7 --dry-run',
        'saga withdraw 3f2b… --by ann --on-behalf-of cus-7 --reason "called: wants it after all"',
      ),
    )
    .action(async (id: string, options: Options) =>
      ended(await (await import('../actions/withdraw.ts')).run(id, options)),
    )
}
