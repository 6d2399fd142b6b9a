import { heldEvents } from '@countermand/workflows/operations/intake/held.ts'
import {
  currentPause,
  type Pause,
  pause,
  pauseInWords,
  resume,
} from '@countermand/workflows/operations/intake/pause.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { openTemporal, type Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'

export interface Options {
  readonly by: string
  readonly reason: string
  readonly json?: true
}

const onTemporal = async (work: (temporal: Temporal, where: Addresses) => Promise<void>): Promise<ExitCode> => {
  const where = await readAddresses(process.env)
  const temporal = await openTemporal(where)
  await work(temporal, where).finally(() => temporal.close())
  return 0
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

/** Holds what comes, or lets it in again. */
const change =
  (to: typeof pause) =>
  ({ json, by, reason }: Options): Promise<ExitCode> =>
    onTemporal(async (temporal, where) => {
      const changed = await to(temporal, { by, reason })
      await report({ temporal, where }, { changed, ...(json ? { json } : {}) })
    })

export const runPause = change(pause)
export const runResume = change(resume)

/** Says whether it is paused. */
export const runStatus = ({ json }: { readonly json?: true }): Promise<ExitCode> =>
  onTemporal(async (temporal, where) => {
    await report({ temporal, where }, json ? { json } : {})
  })
