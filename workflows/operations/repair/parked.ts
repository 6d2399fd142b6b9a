import { shellCommand } from '@countermand/contracts/shown.ts'
import type { Attention } from '../../src/protocol/inputs.ts'
import { eventsOf } from '../../src/runs/go-on.ts'
import { keepsFailing } from '../../src/runs/keeps-failing.ts'
import { askStatus } from '../find/ask-status.ts'
import { describeRun } from '../find/describe-run.ts'
import { failingInWords } from '../find/failing-in-words.ts'
import type { Temporal } from '../reach/temporal.ts'

/** The saga goes on, and needs nobody. */
export class NotParked extends Error {}

/** What is meant of what needs attention. Throws when that is not one. */
const meant = (shown: Attention, all: readonly Attention[], step: string | undefined): Attention => {
  const names = all.map((each) => each.step).join(', ')
  if (step === undefined && all.length > 1)
    throw new Error(`expected --step with one of what needs attention (${names}), got none`)
  const found = step === undefined ? shown : all.find((each) => each.step === step)
  if (found === undefined) throw new Error(`expected a step that needs attention (${names}), got ${step}`)
  return found
}

/** What a request's saga waits for a person with; `step`: this of several. Throws when it has ended, does not run, or needs nobody. */
export const readParked = async (
  temporal: Temporal,
  saga: { readonly requestId: string; readonly workflowId: string; readonly outcome: string | null },
  step?: string,
): Promise<Attention> => {
  const { requestId, workflowId, outcome } = saga
  if (outcome !== null) throw new Error(`expected a saga that needs attention, ${requestId} has ended: ${outcome}`)
  const run = await describeRun(temporal, workflowId)
  if (run?.status.name !== 'RUNNING') {
    const state = run === undefined ? 'is not known to Temporal' : `is ${run.status.name.toLowerCase()}`
    const again = 'a request that holds its order is started again within a minute'
    throw new Error(`expected a running saga, ${workflowId} ${state}: ${again}`)
  }
  // It would answer nobody: its code has to come, or it is begun again.
  if (keepsFailing(run)) {
    const events = await eventsOf(temporal.client, { workflowId, runId: run.runId })
    const next = shellCommand('saga show', requestId)
    throw new Error(`expected a saga that answers, ${failingInWords(run, events)}; what to do says \`${next}\``)
  }
  const { attention: shown, parked = [], stage, waitingFor } = await askStatus(temporal, workflowId)
  if (shown !== undefined) return meant(shown, parked.length > 0 ? parked : [shown], step)
  const wait = waitingFor === undefined ? '' : ` and waits for ${waitingFor}`
  throw new NotParked(`expected a saga that needs attention, ${requestId} is ${stage}${wait}`)
}
