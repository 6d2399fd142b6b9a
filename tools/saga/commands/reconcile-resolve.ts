import type { Options } from '../actions/reconcile-resolve.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { wait } from '../wait.ts'

/** `saga reconcile resolve`: somebody has found out why it differs. */
export const reconcileResolve: DefineCommand = (group, ended) => {
  group
    .command('resolve <difference>')
    .description('says why it differs: it is found no more, and what is in suspense for it is booked to sales')
    .requiredOption('--by <you>', 'who')
    .requiredOption('--reason <why>', 'why, in words')
    .addOption(wait())
    .addHelpText(
      'after',
      examples(
        'saga reconcile resolve dif_5f2a8c0d1e3b4a6978c0d1e2 --by ana --reason "refunded by support, ticket 4711"',
      ),
    )
    .action(async (difference: string, options: Options) =>
      ended(await (await import('../actions/reconcile-resolve.ts')).run(difference, options)),
    )
}
