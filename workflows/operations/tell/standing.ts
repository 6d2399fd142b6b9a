import { endOf, type Gate, gateOf } from '@countermand/order/store/facts.ts'
import { isOverThePivot } from '@countermand/payment/store/facts.ts'
import type { Attention } from '../../src/protocol/inputs.ts'
import { attemptOf, keepsFailing } from '../../src/runs/keeps-failing.ts'
import { askStatus } from '../find/ask-status.ts'
import { describeRun } from '../find/describe-run.ts'
import type { FoundSaga } from '../find/find.ts'
import type { Databases } from '../reach/databases.ts'
import type { Temporal } from '../reach/temporal.ts'

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
      readonly gate: Gate
      readonly moneyMoved: boolean
    }

export type Running = Extract<Standing, { readonly is: 'running' }>

/** Asks the order service, payment, Temporal and the run itself, in this order of who knows best. */
export const standingOf = async (
  { databases, temporal }: { readonly databases: Databases; readonly temporal: Temporal },
  { requestId, workflowId }: FoundSaga,
): Promise<Standing> => {
  const [end, run, gate, moneyMoved] = await Promise.all([
    endOf(databases.order, requestId),
    describeRun(temporal, workflowId),
    gateOf(databases.order, requestId),
    isOverThePivot(databases.payment, requestId),
  ])
  if (end !== undefined) return { is: 'ended', ...end }
  if (run === undefined) return { is: 'without-run', state: 'not known to Temporal' }
  if (run.status.name !== 'RUNNING') return { is: 'without-run', state: run.status.name.toLowerCase() }
  if (keepsFailing(run)) return { is: 'failing', attempt: attemptOf(run) }
  const { stage, waitingFor, attention } = await askStatus(temporal, workflowId)
  return { is: 'running', stage, waitingFor, attention, gate, moneyMoved }
}
