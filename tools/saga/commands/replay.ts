import type { Options } from '../actions/replay.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `saga replay`: runs recorded histories against the code of today; exit code 1 when it would not follow one. */
export const replay: DefineCommand = (program, ended) => {
  program
    .command('replay [ids...]')
    .description('runs recorded histories of requests or files (*.json) against the code of today')
    .option('--all', 'every saga that Temporal keeps, open ones too')
    .option('--since <duration>', 'with --all: only those started so long ago or less, such as 7d', ago)
    .option('--json', 'prints one JSON array')
    .addHelpText('after', '\nExit code 1: the code would not follow a history, and the first differing event is named.')
    .addHelpText('after', 'An open run is called incomplete, not good: what it will ask next is not recorded yet.')
    .addHelpText(
      'after',
      examples('saga replay 3f2b…', 'saga replay workflows/histories/cancelled.json', 'saga replay --all --since 7d'),
    )
    .action(async (named: string[], options: Options) =>
      ended(await (await import('../actions/replay.ts')).run(named, options)),
    )
}
