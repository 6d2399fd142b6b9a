import { attemptOf, keepsFailing } from '@countermand/workflows/src/runs/keeps-failing.ts'
import { z } from 'zod'
import type { Databases } from '../databases.ts'
import type { FoundSaga } from '../find.ts'
import { type Attention, askStatus } from '../resolve/parked.ts'
import { describeRun } from '../retry/plan.ts'
import type { Temporal } from '../runs.ts'

/** Where a saga stands, as far as it matters to whoever wants to tell it something. */
export type Standing =
  | { readonly is: 'ended'; readonly outcome: string; readonly code: string | null }
  /** Temporal has no open run of it. */
  | { readonly is: 'without-run'; readonly state: string }
  | { readonly is: 'failing'; readonly attempt: number }
  | {
      readonly is: 'running'
      readonly stage: string
      readonly waitingFor: string | undefined
      readonly attention: Attention | undefined
      /** Of the merchant's decision: asked for until then, decided already, or not (yet) asked for. */
      readonly gate: { readonly decideBy: string } | 'decided' | 'not-asked'
      readonly moneyMoved: boolean
    }

const records = z.object({ what: z.string(), decideBy: z.string().nullable() })
const request = z.object({ outcome: z.string().nullable(), code: z.string().nullable() })
const pivot = z.object({ crossed: z.boolean() })

const gateOf = async ({ order }: Databases, requestId: string) => {
  const told = await order.rows(
    records,
    `select record ->> 'what' as what, record ->> 'decideBy' as "decideBy" from request_records
     where request_id = $1 and record ->> 'what' in ('awaiting-merchant', 'decided') order by position`,
    [requestId],
  )
  const asked = told.find(({ what }) => what === 'awaiting-merchant')?.decideBy
  if (told.some(({ what }) => what === 'decided')) return 'decided'
  return asked == null ? 'not-asked' : { decideBy: asked }
}

const hasMoved = async ({ payment }: Databases, requestId: string): Promise<boolean> => {
  const select = 'select crossed_at is not null as crossed from pivots where request_id = $1'
  return (await payment.rows(pivot, select, [requestId])).some(({ crossed }) => crossed)
}

/** Asks the order service, payment, Temporal and the run itself, in this order of who knows best. */
export const standingOf = async (
  { databases, temporal }: { readonly databases: Databases; readonly temporal: Temporal },
  { requestId, workflowId }: FoundSaga,
): Promise<Standing> => {
  const [[known], run, gate, moneyMoved] = await Promise.all([
    databases.order.rows(request, 'select outcome, code from requests where request_id = $1', [requestId]),
    describeRun(temporal, workflowId),
    gateOf(databases, requestId),
    hasMoved(databases, requestId),
  ])
  if (known?.outcome != null) return { is: 'ended', outcome: known.outcome, code: known.code }
  if (run === undefined) return { is: 'without-run', state: 'not known to Temporal' }
  if (run.status.name !== 'RUNNING') return { is: 'without-run', state: run.status.name.toLowerCase() }
  if (keepsFailing(run)) return { is: 'failing', attempt: attemptOf(run) }
  const { stage, waitingFor, attention } = await askStatus(temporal, workflowId)
  return { is: 'running', stage, waitingFor, attention, gate, moneyMoved }
}
