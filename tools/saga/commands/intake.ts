import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Options } from '../actions/intake.ts'
import { type DefineCommand, examples } from '../exit.ts'

const held = `
New requests to cancel stay in Kafka, and so do merchants' decisions and customers' withdrawals, which come on the same
topic: their order is kept. Running sagas go on, deadlines too. A decision counts by its own time, but a merchant's gate
does not wait for one that is held: before a long pause look who is waiting with \`saga list --stage confirming\`.
The pause holds for every orchestrator and survives restarts: it is the run intake-pause in Temporal.`

const change = (command: Command): Command =>
  command.option('--by <you>', 'who', userInfo().username).option('--json', 'prints one JSON document')

/** `saga intake`: the stop switch for new cancel events. */
export const intake: DefineCommand = (program, ended) => {
  const group = program.command('intake').description('holds new cancel events in Kafka, and lets them in again')
  change(group.command('pause'))
    .description('holds new cancel events in Kafka; running sagas go on')
    .requiredOption('--reason <why>', 'why, in words')
    .addHelpText('after', held)
    .addHelpText('after', examples('saga intake pause --reason "payment is failing, see INC-7"'))
    .action(async (options: Options) => ended(await (await import('../actions/intake.ts')).runPause(options)))
  change(group.command('resume'))
    .description('lets new cancel events in again, those that were held first')
    .option('--reason <why>', 'why, in words', 'no reason given')
    .addHelpText('after', examples('saga intake resume --reason "payment is well again"'))
    .action(async (options: Options) => ended(await (await import('../actions/intake.ts')).runResume(options)))
  group
    .command('status')
    .description('says whether intake is paused, since when, by whom and why')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga intake status', 'saga intake status --json'))
    .action(async (options: { readonly json?: true }) =>
      ended(await (await import('../actions/intake.ts')).runStatus(options)),
    )
}
