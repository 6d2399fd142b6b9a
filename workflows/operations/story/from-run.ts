import { shellCommand, visibleLine } from '@countermand/contracts/shown.ts'
import { attemptOf, keepsFailing } from '../../src/runs/keeps-failing.ts'
import { parkedAfterTheEnd } from '../find/after-the-end.ts'
import { askStatus } from '../find/ask-status.ts'
import { describeRun } from '../find/describe-run.ts'
import { failureOf, type History } from '../history/history.ts'
import type { Temporal } from '../reach/temporal.ts'
import { runbookOf } from './decisions.ts'
import { attentionText } from './next.ts'
import type { Story } from './story.ts'
import { waysOutOfWaiting } from './waits.ts'

type Known = Pick<Story, 'next' | 'orderId' | 'outcome' | 'requests' | 'order' | 'deadline'> & {
  readonly requestId: string
  readonly workflowId: string
}

const retryCommand = (requestId: string): string =>
  shellCommand('npm run saga -- retry', requestId, '--by <you> --reason <why>')

const restartCommand = (requestId: string): string =>
  shellCommand('npm run saga -- retry', requestId, '--restart --by <you> --reason <why>')

const failingText = (requestId: string, attempt: number, failure: string | undefined): string =>
  [
    `its workflow task keeps failing (attempt ${attempt})${failure === undefined ? '' : `: ${visibleLine(failure)}`}`,
    'it goes on by itself once code runs that can walk it; whether that of today follows it so far says',
    shellCommand('npm run saga -- replay', requestId),
    'one that no code will follow is begun again, with what its services have done',
    restartCommand(requestId),
    `runbook: ${runbookOf('workflow-task-failing')}`,
  ].join('\n')

/** What a run says of itself; what the services' rows say when nobody answers for it. */
const ofRunning = async (temporal: Temporal, known: Known, workflowId: string) => {
  const { next, requestId } = known
  const status = await askStatus(temporal, workflowId).catch(() => undefined)
  if (status === undefined) return next
  const { attention, waitingFor, stage } = status
  if (attention !== undefined) return attentionText(requestId, attention)
  if (waitingFor === undefined) return `goes on: ${stage}`
  return [`waits for ${waitingFor}`, ...waysOutOfWaiting(known)].join('\n')
}

/** What comes next by the run itself, which knows better than what was once told of it. `history`: of the latest run. */
export const nextByRun = async (
  temporal: Temporal,
  known: Known,
  history: History | undefined,
): Promise<string | null> => {
  const { next, requestId, orderId, workflowId, outcome } = known
  if (outcome !== null) {
    if (next === null) return null
    const later = await parkedAfterTheEnd(temporal, { orderId, requestId })
    return later === undefined ? null : ofRunning(temporal, known, later)
  }
  const run = await describeRun(temporal, workflowId)
  const again = 'one that holds its order is started again within a minute, or by'
  if (run === undefined) return `Temporal knows no run of it: ${again}\n${retryCommand(requestId)}`
  const { name } = run.status
  if (name === 'COMPLETED' && known.requests.length === 0)
    return 'no request of this id came: who decided about it, or took it back, is told so in public'
  if (name !== 'RUNNING')
    return `its run is ${name.toLowerCase()} since ${run.closeTime?.toISOString()}: ${again}\n${retryCommand(requestId)}`
  if (keepsFailing(run)) return failingText(requestId, attemptOf(run), history && failureOf(history))
  return ofRunning(temporal, known, workflowId)
}
