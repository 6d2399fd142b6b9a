import { type DefineCommand, examples } from '../exit.ts'

const help = `
Whether intake is paused and what it holds; what needs a person, by reason, with the oldest and the money in it; dead letters
by cause; what happens by itself within the hour; who is behind. What does not answer is told in its line: exit code 1.`

/** `saga status`: the first thing that is typed. */
export const status: DefineCommand = (program, ended) => {
  program
    .command('status')
    .description('tells on one screen what is well, what is not, and what leads on')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText('after', examples('saga status', 'saga status --json'))
    .action(async (options: { readonly json?: true }) =>
      ended(await (await import('../actions/status.ts')).run(options)),
    )
}
