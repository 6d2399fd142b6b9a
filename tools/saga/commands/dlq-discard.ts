import { userInfo } from 'node:os'
import type { Options } from '../actions/dlq-discard.ts'
import { type DefineCommand, examples } from '../exit.ts'

/** `saga dlq discard`: it needs nothing more. */
export const dlqDiscard: DefineCommand = (group, ended) => {
  group
    .command('discard <id...>')
    .description('notes that dead letters need nothing more; they stay where they are until Kafka forgets them')
    .requiredOption('--reason <why>', 'why, in words')
    .option('--by <you>', 'who', userInfo().username)
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga dlq discard orders.placed.v1:0:12 --reason "a test of checkout"'))
    .action(async (ids: string[], options: Options) =>
      ended(await (await import('../actions/dlq-discard.ts')).run(ids, options)),
    )
}
