import { letterNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { handleLetters } from '@countermand/workflows/operations/dead-letters/handle.ts'
import { topicOfId } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { openKafka } from '@countermand/workflows/operations/dead-letters/open.ts'
import { readAddresses } from '../addresses.ts'
import { readBoxAloud } from '../dlq/read-aloud.ts'
import { exitOf, report } from '../dlq/report.ts'
import type { ExitCode } from '../exit.ts'

export interface Options {
  readonly reason: string
  readonly by: string
  readonly json?: true
}

/** Notes that letters need nothing more. */
export const run = async (ids: readonly string[], { reason, by, json }: Options): Promise<ExitCode> => {
  const topics = [...new Set(ids.map(topicOfId))]
  const kafka = await openKafka(await readAddresses(process.env))
  const box = await readBoxAloud(kafka, topics)
  const tasks = [...new Set(ids)].map((id) => ({ letter: letterNamed(box, id) }))
  const results = await handleLetters({ kafka, tasks, operator: { by, why: reason }, force: false })
  report(results, json ?? false)
  return exitOf(results)
}
