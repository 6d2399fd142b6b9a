import { letterNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { storyOf } from '@countermand/workflows/operations/dead-letters/document.ts'
import { topicOfId } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { openKafka } from '@countermand/workflows/operations/dead-letters/open.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { describeLetter, valueText } from '../dlq/describe.ts'
import { readBoxAloud } from '../dlq/read-aloud.ts'
import type { ExitCode } from '../exit.ts'

/** Shows one dead letter. */
export const run = async (
  id: string,
  { value, json }: { readonly value?: true; readonly json?: true },
): Promise<ExitCode> => {
  const topic = topicOfId(id)
  const box = await readBoxAloud(await openKafka(await readAddresses(process.env)), [topic])
  const letter = letterNamed(box, id)
  // A file gets the value as it is; a terminal what can be seen of it.
  if (value && process.stdout.isTTY) print(valueText(letter.value))
  else if (value) process.stdout.write(letter.value ?? '')
  else if (json) printJson(storyOf(box, letter))
  else print(describeLetter(box, letter))
  return 0
}
