import { readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { readDeadLetters } from '../dead-letters.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { openTemporal } from '../runs.ts'
import { describeStory } from '../show/describe.ts'
import { readStory } from '../show/story.ts'
import { withRuns } from '../show/with-runs.ts'

/** `saga show`: all that the four services know of an order and its cancellation, as one timeline. */
export const show: DefineCommand = (program, ended) => {
  program
    .command('show <id>')
    .description('tells the story of an order or of a request to cancel it')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga show ord-1001', 'saga show 3f2b… --json'))
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      try {
        const known = await readStory(id, { databases, where, deadLetters: () => readDeadLetters(where) })
        if (known === undefined)
          throw new Error(`expected an order or request, got ${id}, which no service has heard of`)
        const story = await withRuns(known, temporal, where)
        if (json) printJson(story)
        else print(describeStory(story))
        ended(0)
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
