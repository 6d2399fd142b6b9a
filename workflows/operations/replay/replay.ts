import { fileURLToPath } from 'node:url'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { workflowBundle } from '../../src/temporal/bundle.ts'
import { failureOf, type History, hasTask, isClosed } from '../history/history.ts'
import { type Difference, differenceAt, namedEvent, sdkMessage } from './difference.ts'

/** A history to replay, and what people call it. */
export interface Recorded {
  readonly source: string
  readonly workflowId: string
  readonly history: History
}

/** `incomplete`: the code follows it so far, and the run is open, so that nobody knows the rest; `failure`: the code failed then. */
export type Replayed =
  | { readonly result: 'good' | 'incomplete'; readonly events: number; readonly failure?: string }
  | { readonly result: 'differs'; readonly events: number; readonly difference: Difference }

export interface Replay {
  run(recorded: Recorded): Promise<Replayed>
  close(): Promise<void>
}

const cache = fileURLToPath(new URL('../../../node_modules/.cache/countermand', import.meta.url))

const silent = new DefaultLogger('ERROR', () => undefined)

/** The SDK's runtime would keep the process alive, and take signals for its own. */
const openRuntime = (): (() => Promise<void>) => {
  const logging = { filter: 'OFF', forward: {} }
  Runtime.install({ logger: silent, telemetryOptions: { logging }, shutdownSignals: [] })
  return () => Runtime.instance().shutdown()
}

const upTo = ({ events }: History, count: number): History => ({ events: (events ?? []).slice(0, count) })

/** The first event with which a replay fails, by halving: what comes after it cannot matter. */
const firstFailing = async (history: History, fails: (history: History) => Promise<boolean>): Promise<number> => {
  let follows = (history.events ?? []).findIndex((event) => event.workflowTaskCompletedEventAttributes) + 1
  let breaks = history.events?.length ?? 0
  while (breaks - follows > 1) {
    const middle = Math.floor((follows + breaks) / 2)
    if (await fails(upTo(history, middle))) breaks = middle
    else follows = middle
  }
  return breaks
}

/** Gets the workflow code of today, once, in seconds when it has changed. The caller closes it. */
export const openReplay = async (): Promise<Replay> => {
  const bundle = await workflowBundle(cache, silent)
  const close = openRuntime()
  const failure = async (history: History, workflowId: string): Promise<Error | undefined> => {
    try {
      await Worker.runReplayHistory({ workflowBundle: bundle, replayName: 'saga' }, history, workflowId)
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
  const run: Replay['run'] = async ({ history, workflowId }) => {
    const events = history.events?.length ?? 0
    const followed = (): Replayed => {
      if (isClosed(history)) return { result: 'good', events }
      const failed = failureOf(history)
      return { result: 'incomplete', events, ...(failed === undefined ? {} : { failure: failed }) }
    }
    if (!hasTask(history)) return followed()
    const error = await failure(history, workflowId)
    if (error === undefined) return followed()
    const fails = async (part: History) => (await failure(part, workflowId)) !== undefined
    const eventId = namedEvent(sdkMessage(error)) ?? (await firstFailing(history, fails))
    return { result: 'differs', events, difference: differenceAt(history, eventId, error) }
  }
  return { run, close }
}
