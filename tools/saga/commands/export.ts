import type { Options } from '../actions/export.ts'
import { type DefineCommand, examples } from '../exit.ts'

const fixtures = 'workflows/histories'

/** `saga export`: a history as Temporal's JSON has it. */
export const exportHistory: DefineCommand = (program, ended) => {
  program
    .command('export <requestId>')
    .description("writes a saga's history as JSON, ready to be replayed and to be a test fixture")
    .option('-o, --output <file>', 'where to (default: stdout)')
    .option('--run <runId>', 'which run, of several (default: the latest)')
    .addHelpText('after', `\nA file in ${fixtures} is replayed by every \`npm test\`.`)
    .addHelpText('after', examples('saga export 3f2b… -o workflows/histories/refund-refused-by-the-wallet.json'))
    .action(async (id: string, options: Options) =>
      ended(await (await import('../actions/export.ts')).run(id, options)),
    )
}
