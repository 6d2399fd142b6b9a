import type { FoundSaga } from '../find/find.ts'
import type { System } from '../reach/system.ts'
import type { Temporal } from '../reach/temporal.ts'
import { type Effect, effectOf } from '../repair/effect.ts'
import { type Running, type Standing, standingOf } from './standing.ts'

type Parts = Pick<System, 'databases' | 'temporal'>

/** What a saga is told. */
export interface Told {
  /** In words, such as `approve`. */
  readonly what: string
  /** Who and why, and whatever else is sent: kept for the record. */
  readonly input: { readonly by: string; readonly onBehalfOf?: string; readonly [more: string]: string }
  /** Throws unless it would change something. */
  check(requestId: string, standing: Standing): Running
  send(temporal: Temporal, workflowId: string): Promise<{ readonly kept: boolean }>
  /** Whether it came to what was asked for; absent: the saga has said so by taking it. */
  worked?(after: Standing): boolean
}

/** Looks whether the saga can be told this, and where it stands. Throws why it cannot. Changes nothing. */
export const whereItCan = async (parts: Parts, { requestId, ...found }: FoundSaga, told: Told): Promise<Running> =>
  told.check(requestId, await standingOf(parts, { requestId, ...found }))

/** Tells it, and looks what comes of it. `kept`: it takes effect when the saga comes to it. `changed`: it came to what was asked for. */
export const tell = async (
  parts: Parts,
  found: FoundSaga,
  { told, standing, waitMs }: { readonly told: Told; readonly standing: Running; readonly waitMs: number },
): Promise<Effect & { readonly kept: boolean }> => {
  const { workflowId } = found
  const { kept } = await told.send(parts.temporal, workflowId)
  const parked = standing.attention === undefined ? {} : { parked: standing.attention }
  const effect = await effectOf({ ...parts, saga: found, workflowId, waitMs, ...parked })
  const changed = kept || told.worked === undefined || told.worked(await standingOf(parts, found))
  return { ...effect, changed, kept }
}
