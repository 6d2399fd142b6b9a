import { Option } from 'commander'
import type { Options } from '../actions/drill.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { span } from '../span.ts'

const about = `
Only for sandboxes: all of the system is on this machine, and nobody paid or sent anything but by the sandbox's channels
and carrier. Without names, every drill is made that gets stuck within --within; patience is read from the environment,
then from what \`npm start\` was started with. For all of them at once:
  STEP_ATTEMPTS=3 UNDO_ATTEMPTS=3 STEP_BACKOFF=500ms REFUND_PATIENCE=20s npm start
What to do about each is in docs/runbooks; --hint tells it here.
Exit codes: 0 all are stuck, 1 one is not, 2 wrong use or no sandbox.`

/** `saga drill`: makes stuck sagas to practise on. */
export const drill: DefineCommand = (program, ended) => {
  program
    .command('drill [names...]')
    .description('makes one of each kind of stuck saga in a sandbox system, to practise on')
    .option('--list', 'says which there are, and makes none')
    .addOption(
      new Option('--within <duration>', 'how long one may take to get stuck')
        .argParser(span('60s or 15m'))
        .default(60_000, '60s'),
    )
    .option('--hint', 'says how to repair what it makes')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', about)
    .addHelpText('after', examples('saga drill --list', 'saga drill', 'saga drill refund-reversed carrier-down --hint'))
    .action(async (names: string[], options: Options) =>
      ended(await (await import('../actions/drill.ts')).run(names, options)),
    )
}
