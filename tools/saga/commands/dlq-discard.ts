import { userInfo } from 'node:os'
import { readAddresses } from '../addresses.ts'
import { letterNamed } from '../dlq/choose.ts'
import { handleLetters } from '../dlq/handle.ts'
import { topicOfId } from '../dlq/letter.ts'
import { openKafka, readBoxAloud } from '../dlq/open.ts'
import { exitOf, report } from '../dlq/report.ts'
import { type DefineCommand, examples } from '../exit.ts'

interface Options {
  readonly reason: string
  readonly by: string
  readonly json?: true
}

/** `saga dlq discard`: it needs nothing more. */
export const dlqDiscard: DefineCommand = (group, ended) => {
  group
    .command('discard <id...>')
    .description('notes that dead letters need nothing more; they stay where they are until Kafka forgets them')
    .requiredOption('--reason <why>', 'why, in words')
    .option('--by <you>', 'who', userInfo().username)
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga dlq discard orders.placed.v1:0:12 --reason "a test of checkout"'))
    .action(async (ids: string[], { reason, by, json }: Options) => {
      const topics = [...new Set(ids.map(topicOfId))]
      const kafka = await openKafka(await readAddresses(process.env))
      const box = await readBoxAloud(kafka, topics)
      const tasks = [...new Set(ids)].map((id) => ({ letter: letterNamed(box, id) }))
      const results = await handleLetters({ kafka, tasks, operator: { by, why: reason }, force: false })
      report(results, json ?? false)
      ended(exitOf(results))
    })
}
