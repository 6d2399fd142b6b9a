import { readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { readDeadLetters } from '../dead-letters.ts'
import { type DefineCommand, examples, foundSomething } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { openTemporal } from '../runs.ts'
import { describeStatus } from '../status/describe.ts'
import { readStatus } from '../status/read.ts'

const help = `
Whether intake is paused and what it holds; what needs a person, by reason, with the oldest and the money in it; dead letters
by cause; what happens by itself within the hour; who is behind. What does not answer is told in its line: exit code 1.`

/** `saga status`: the first thing that is typed. */
export const status: DefineCommand = (program, ended) => {
  program
    .command('status')
    .description('tells on one screen what is well, what is not, and what leads on')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText('after', examples('saga status', 'saga status --json'))
    .action(async ({ json }: { readonly json?: true }) => {
      const where = await readAddresses(process.env)
      const databases = openDatabases(where.databaseUrls)
      const opened = openTemporal(where)
      // Whoever needs it says that it does not answer.
      opened.catch(() => undefined)
      try {
        const found = await readStatus({
          ...{ where, databases },
          temporal: () => opened,
          deadLetters: () => readDeadLetters(where),
        })
        if (json) printJson(found)
        else print(describeStatus(found))
        ended(found.unread.length === 0 ? 0 : foundSomething)
      } finally {
        await databases.close()
        await opened.then((temporal) => temporal.close()).catch(() => undefined)
      }
    })
}
