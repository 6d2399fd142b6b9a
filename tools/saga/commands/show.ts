import { type DefineCommand, examples } from '../exit.ts'

/** `saga show`: all that the four services know of an order and its cancellation, as one timeline. */
export const show: DefineCommand = (program, ended) => {
  program
    .command('show <id>')
    .description('tells the story of an order or of a request to cancel it')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga show ord-1001', 'saga show 3f2b… --json'))
    .action(async (id: string, options: { readonly json?: true }) =>
      ended(await (await import('../actions/show.ts')).run(id, options)),
    )
}
