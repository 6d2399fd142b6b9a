import type { Options } from '../actions/tail.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'

const help = `
What the public is told of cancellations, refunds and parcels, each event once, until Ctrl-C. An id may be that of an order or of
a request, or the beginning of it.`

/** `saga tail`: the public story, live. */
export const tail: DefineCommand = (program, ended) => {
  program
    .command('tail [id]')
    .description('follows the public story of all orders, or of one, until Ctrl-C')
    .option('--since <duration>', 'first what was told so long ago or less, such as 10m', ago)
    .option('--json', 'prints one JSON document a line')
    .addHelpText('after', help)
    .addHelpText('after', examples('saga tail', 'saga tail ord-1001 --since 1h', 'saga tail --json'))
    .action(async (id: string | undefined, options: Options) =>
      ended(await (await import('../actions/tail.ts')).run(id, options)),
    )
}
