import { readAddresses } from '../addresses.ts'
import { letterNamed } from '../dlq/choose.ts'
import { describeLetter, storyOf, valueText } from '../dlq/describe.ts'
import { topicOfId } from '../dlq/letter.ts'
import { openKafka, readBoxAloud } from '../dlq/open.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { print, printJson } from '../print.ts'

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
    .action(async (id: string, { value, json }: { readonly value?: true; readonly json?: true }) => {
      const topic = topicOfId(id)
      const box = await readBoxAloud(await openKafka(await readAddresses(process.env)), [topic])
      const letter = letterNamed(box, id)
      // A file gets the value as it is; a terminal what can be seen of it.
      if (value && process.stdout.isTTY) print(valueText(letter.value))
      else if (value) process.stdout.write(letter.value ?? '')
      else if (json) printJson(storyOf(box, letter))
      else print(describeLetter(box, letter))
      ended(0)
    })
}
