import { type DefineCommand, examples } from '../exit.ts'

/** `saga dlq show`: one dead letter, whole. */
export const dlqShow: DefineCommand = (group, ended) => {
  group
    .command('show <id>')
    .description('shows a dead letter: its headers and value, what was wrong, and what was done about it')
    .option('--value', 'prints the value alone, as it is, to be edited')
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      examples(
        'saga dlq show orders.placed.v1:0:12',
        'npm run -s saga -- dlq show orders.placed.v1:0:12 --value > fixed.json',
      ),
    )
    .action(async (id: string, options: { readonly value?: true; readonly json?: true }) =>
      ended(await (await import('../actions/dlq-show.ts')).run(id, options)),
    )
}
