import { setTimeout as sleep } from 'node:timers/promises'
import { endOf } from '@countermand/order/store/facts.ts'
import type { Attention } from '../../src/protocol/inputs.ts'
import { askStatus } from '../find/ask-status.ts'
import { describeRun } from '../find/describe-run.ts'
import type { FoundSaga } from '../find/find.ts'
import type { Databases } from '../reach/databases.ts'
import type { Temporal } from '../reach/temporal.ts'
import { Unsettled } from '../reach/unsettled.ts'

/** What came of a repair. */
export interface Effect {
  /** False: it has not helped, or nobody knows yet. */
  readonly changed: boolean
  readonly outcome: string | null
  readonly text: string
  /** Nothing was sent: it had been sent before. */
  readonly sent?: false
}

/** By which what needed attention is known again. */
type Meant = Pick<Attention, 'step' | 'direction' | 'round'>

/** Where it was, though the decision opened another round. */
const isSameStep = (before: Meant | undefined, now: Attention): boolean =>
  before !== undefined && now.step === before.step && now.direction === before.direction

const everyMs = 250

interface Watched {
  readonly databases: Databases
  readonly temporal: Temporal
  readonly saga: FoundSaga
  /** The run that was repaired, which may be about something after the end. */
  readonly workflowId: string
  readonly parked?: Meant
  /** What was decided takes everything back: another step that is stuck on the way is no success. */
  readonly undo?: boolean
  readonly waitMs: number
}

const look = async ({
  databases,
  temporal,
  saga,
  workflowId,
  parked,
  undo = false,
}: Watched): Promise<Effect | string> => {
  // In this order: a run completes after the order service has written down its end.
  const run = await describeRun(temporal, workflowId)
  const end = workflowId === saga.workflowId ? await endOf(databases.order, saga.requestId) : undefined
  if (end !== undefined) {
    const why = end.code === null ? '' : ` (${end.code})`
    return { changed: true, outcome: end.outcome, text: `it has ended: ${end.outcome}${why}` }
  }
  if (run === undefined) return 'Temporal has not heard of its run yet'
  if (run.status.name === 'COMPLETED') return { changed: true, outcome: null, text: 'its run has completed' }
  if (run.status.name !== 'RUNNING') return `its run is ${run.status.name.toLowerCase()}`
  const { attention, stage, waitingFor } = await askStatus(temporal, workflowId)
  if (attention !== undefined) {
    const stuck = isSameStep(parked, attention)
    if (stuck && attention.round === parked?.round) return 'the decision has not taken effect yet'
    const text = `it needs attention ${stuck ? 'again' : 'now'} (${attention.step}, ${attention.reason}): ${attention.error}`
    return { changed: !stuck && !undo, outcome: null, text }
  }
  return `it goes on: ${stage}${waitingFor === undefined ? '' : `, waits for ${waitingFor}`}`
}

const watch = async (watched: Watched): Promise<Effect> => {
  const deadline = performance.now() + watched.waitMs
  for (;;) {
    const seen = await look(watched)
    if (typeof seen !== 'string') return seen
    if (performance.now() > deadline) return { changed: seen.startsWith('it goes on'), outcome: null, text: seen }
    await sleep(everyMs)
  }
}

/** Looks for some time what comes of a repair: an end, the same trouble again, or that it goes on. Throws {@link Unsettled} when that cannot be seen. */
export const effectOf = (watched: Watched): Promise<Effect> =>
  watch(watched).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Unsettled(`it was sent, and what came of it could not be seen: ${why}`, { cause })
  })
