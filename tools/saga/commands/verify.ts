import { type DefineCommand, examples } from '../exit.ts'

/** `saga verify`: checks the invariants; exit code 1 when one does not hold. */
export const verify: DefineCommand = (program, ended) => {
  program
    .command('verify')
    .description("checks the six invariants over the four databases, the sandbox's books and the open sagas")
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga verify', 'saga verify --json'))
    .action(async (options: { readonly json?: true }) =>
      ended(await (await import('../actions/verify.ts')).run(options)),
    )
}
