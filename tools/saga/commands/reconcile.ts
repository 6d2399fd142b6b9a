import { userInfo } from 'node:os'
import { Option } from 'commander'
import type { Options } from '../actions/reconcile.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { moment } from '../moment.ts'
import { span } from '../span.ts'
import { reconcileResolve } from './reconcile-resolve.ts'

const help = `
Payment asks each provider what it has moved, and compares it with its books: what is missing on either side, of another
amount or currency, or given twice. What differs is kept, and posted to suspense; no money moves. Exit code 1: it differs.
docs/reconciliation.md says what each difference means, and what to do.`

/** `saga reconcile`: compares payment's books with what providers say. */
export const reconcile: DefineCommand = (program, ended) => {
  const command = program
    .command('reconcile')
    .description("compares payment's books with what its providers say that they have moved")
    .option('--account <name>', 'of ACCOUNTS_FILE, or a channel of the sandbox (default all)')
    .addOption(new Option('--from <when>', 'how long ago, or when').argParser(moment).default(moment('1d'), '1d'))
    .addOption(
      new Option('--to <when>', 'how long ago, or when; not in it').argParser(moment).default(moment('0s'), 'now'),
    )
    .option('--dry-run', 'only says what differs: nothing is kept or posted')
    .option('--by <you>', 'who asks', userInfo().username)
    .addOption(
      new Option('--wait <duration>', 'how long to wait for it').argParser(span('10m')).default(600_000, '10m'),
    )
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga reconcile --account stripe-eu --from 3d',
        'saga reconcile --from 2026-11-01 --to 2026-11-08 --dry-run --json',
        'saga reconcile resolve dif_5f2a8c0d1e3b4a6978c0d1e2 --by ana --reason "refunded by support, ticket 4711"',
      ),
    )
    .action(async (options: Options) => ended(await (await import('../actions/reconcile.ts')).run(options)))
  reconcileResolve(command, ended)
}
