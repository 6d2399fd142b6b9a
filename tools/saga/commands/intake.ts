import { userInfo } from 'node:os'
import { type Pause, pauseInWords } from '@countermand/workflows/src/runs/read-pause.ts'
import type { Command } from 'commander'
import { type Addresses, readAddresses } from '../addresses.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { heldEvents } from '../intake/held.ts'
import { currentPause, pause, resume } from '../intake/pause.ts'
import { print, printJson } from '../print.ts'
import { openTemporal, type Temporal } from '../runs.ts'

interface Options {
  readonly by: string
  readonly reason: string
  readonly json?: true
}

const onTemporal = async (work: (temporal: Temporal, where: Addresses) => Promise<void>): Promise<void> => {
  const where = await readAddresses(process.env)
  const temporal = await openTemporal(where)
  await work(temporal, where).finally(() => temporal.close())
}

const document = (pause: Pause | undefined) => ({
  paused: pause !== undefined,
  by: pause?.by ?? null,
  reason: pause?.reason ?? null,
  since: pause?.since.toISOString() ?? null,
})

const inWords = (found: Pause | undefined): string => (found === undefined ? 'intake is open' : pauseInWords(found))

const report = async (
  { temporal, where }: { readonly temporal: Temporal; readonly where: Addresses },
  options: { readonly json?: true; readonly changed?: boolean },
): Promise<void> => {
  const { changed } = options
  const [found, held] = await Promise.all([currentPause(temporal), heldEvents(where)])
  if (options.json) return printJson({ ...document(found), ...(changed === undefined ? {} : { changed }), held })
  const already = changed === false ? ' (it was so already, nothing was changed)' : ''
  const waiting = found === undefined ? 'not yet taken' : 'held in Kafka'
  print(`${inWords(found)}${already}\ncancel events ${waiting}: ${held}`)
}

const held = `
New requests to cancel stay in Kafka, and so do merchants' decisions and customers' withdrawals, which come on the same
topic: their order is kept. Running sagas go on, deadlines too. A decision counts by its own time, but a merchant's gate
does not wait for one that is held: before a long pause look who is waiting with \`saga list --stage confirming\`.
The pause holds for every orchestrator and survives restarts: it is the run intake-pause in Temporal.`

const change = (command: Command): Command =>
  command.option('--by <you>', 'who', userInfo().username).option('--json', 'prints one JSON document')

/** `saga intake`: the stop switch for new cancel events. */
export const intake: DefineCommand = (program, ended) => {
  const group = program.command('intake').description('holds new cancel events in Kafka, and lets them in again')
  change(group.command('pause'))
    .description('holds new cancel events in Kafka; running sagas go on')
    .requiredOption('--reason <why>', 'why, in words')
    .addHelpText('after', held)
    .addHelpText('after', examples('saga intake pause --reason "payment is failing, see INC-7"'))
    .action(({ json, by, reason }: Options) =>
      onTemporal(async (temporal, where) => {
        const changed = await pause(temporal, { by, reason })
        await report({ temporal, where }, { changed, ...(json ? { json } : {}) })
        ended(0)
      }),
    )
  change(group.command('resume'))
    .description('lets new cancel events in again, those that were held first')
    .option('--reason <why>', 'why, in words', 'no reason given')
    .addHelpText('after', examples('saga intake resume --reason "payment is well again"'))
    .action(({ json, by, reason }: Options) =>
      onTemporal(async (temporal, where) => {
        const changed = await resume(temporal, { by, reason })
        await report({ temporal, where }, { changed, ...(json ? { json } : {}) })
        ended(0)
      }),
    )
  group
    .command('status')
    .description('says whether intake is paused, since when, by whom and why')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga intake status', 'saga intake status --json'))
    .action(({ json }: { readonly json?: true }) =>
      onTemporal(async (temporal, where) => {
        await report({ temporal, where }, json ? { json } : {})
        ended(0)
      }),
    )
}
