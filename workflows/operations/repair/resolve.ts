import { endOf } from '@countermand/order/store/facts.ts'
import type { ResolveInput } from '../../src/protocol/inputs.ts'
import { parkedAfterTheEnd } from '../find/after-the-end.ts'
import type { FoundSaga } from '../find/find.ts'
import type { System } from '../reach/system.ts'
import { type Effect, effectOf } from './effect.ts'
import type { Planned } from './many.ts'
import { NotParked, readParked } from './parked.ts'
import { about, checkDecision, type PlannedResolution, sendResolution } from './resolution.ts'
import { resolutionInWords } from './words.ts'

export type Parts = Pick<System, 'databases' | 'temporal'> & {
  /** How long to look what comes of it, in ms. */
  readonly waitMs: number
}

/** What a person wants, for whichever step needs attention, or for this one of several. */
export interface Wanted {
  readonly resolution: ResolveInput
  readonly step?: string | undefined
}

/** The run of a request that may need a decision: after its end that of a refund or parcel. */
export const runToResolve = async (
  { databases, temporal }: Pick<System, 'databases' | 'temporal'>,
  saga: FoundSaga,
) => {
  const outcome = (await endOf(databases.order, saga.requestId))?.outcome ?? null
  const later = outcome === null ? undefined : await parkedAfterTheEnd(temporal, saga)
  return later === undefined ? { ...saga, outcome } : { ...saga, workflowId: later, outcome: null }
}

type RunToResolve = Awaited<ReturnType<typeof runToResolve>>

const planFor = async ({ temporal }: Pick<System, 'temporal'>, run: RunToResolve, { resolution, step }: Wanted) => {
  const parked = await readParked(temporal, run, step)
  const planned = { workflowId: run.workflowId, parked, resolution: about(parked, resolution) }
  checkDecision(planned.resolution, parked)
  return planned
}

/** Looks what needs attention and whether the decision is one for it. Throws why it is none, {@link NotParked} when the saga goes on. Changes nothing. */
export const planResolution = async (
  parts: Pick<System, 'databases' | 'temporal'>,
  saga: FoundSaga,
  wanted: Wanted,
): Promise<PlannedResolution> => planFor(parts, await runToResolve(parts, saga), wanted)

/** Sends a decision, and looks what comes of it: that it was taken says nothing of its step. */
export const sendAndLook = async (
  parts: Parts,
  saga: FoundSaga,
  { workflowId, parked, resolution }: PlannedResolution,
): Promise<Effect> => {
  await sendResolution(parts.temporal, workflowId, resolution)
  return effectOf({ ...parts, saga, workflowId, parked, undo: resolution.decision === 'undo' })
}

/** The same for one of many, of which those that need nobody are no mistake. */
export const planResolutionOfMany =
  (parts: Parts, wanted: Wanted) =>
  async (saga: FoundSaga): Promise<Planned> => {
    const run = await runToResolve(parts, saga)
    if (run.outcome !== null) return { todo: false, refused: false, text: `nothing: it has ended: ${run.outcome}` }
    const planned = await planFor(parts, run, wanted).catch((error: unknown) => {
      if (error instanceof NotParked) return undefined
      throw error
    })
    if (planned === undefined) return { todo: false, refused: false, text: 'nothing: it goes on' }
    return { todo: true, text: resolutionInWords(planned), send: () => sendAndLook(parts, saga, planned) }
  }
