import { userInfo } from 'node:os'
import type { Options } from '../actions/retry.ts'
import { withBulk } from '../bulk/options.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { wait } from '../wait.ts'

const help = `
A parked saga gets the decision retry; one whose run was terminated, failed or is lost is started again under its own id, as
the sweep does. A run whose code fails it is left alone, for the code may come: --restart ends it, and it goes on from its
beginning; what its services have done is not done again. What came of it is looked at for a while (--wait) and told; exit code 1 when it has not helped.
An ended saga is not driven on: --again publishes a new request that names it (retryOf); asked twice, it is one request.`

/** `saga retry`: drives a saga on that is parked or whose run is gone. */
export const retry: DefineCommand = (program, ended) => {
  withBulk(program.command('retry [requestId]'))
    .description('drives a parked, terminated or compensated saga on')
    .option('--again', 'an ended one: publishes the new request')
    .option('--restart', 'one that no code will follow, or that is none of the saga: ends its run, and starts it again')
    .option('--by <you>', 'who', userInfo().username)
    .option('--reason <why>', 'why, in words', 'no reason given')
    .addOption(wait())
    .option('--dry-run', 'only says what would be sent, and what is already done')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga retry 3f2b… --reason "the carrier is back" --dry-run',
        'saga retry 3f2b… --reason "the carrier is back"',
        'saga retry 3f2b… --restart --reason "it was started by hand, without its input"',
        'saga retry 3f2b… --again --reason "the wallet takes refunds again"',
        `saga retry --where "AttentionReason = 'step-failed'" --reason "the carrier is back" --rate 2`,
      ),
    )
    .action(async (id: string | undefined, options: Options) =>
      ended(await (await import('../actions/retry.ts')).run(id, options)),
    )
}
