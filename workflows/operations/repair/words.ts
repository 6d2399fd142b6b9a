import { quoteRequest } from './again.ts'
import type { Effect } from './effect.ts'
import type { RetryPlan } from './plan.ts'
import type { PlannedResolution } from './resolution.ts'

/** What a plan would send, in words. */
export const planInWords = (plan: RetryPlan): string => {
  switch (plan.action) {
    case 'resolve': {
      const { step, direction, round, reason, error } = plan.parked
      return `retry to ${plan.workflowId}: ${direction} ${step}, round ${round}, needs attention (${reason}): ${error}`
    }
    case 'start-again':
      return `start ${plan.workflowId} again, ${plan.because}`
    case 'restart':
      return `the end of run ${plan.runId} of ${plan.workflowId}, and start it again, ${plan.because}`
    case 'ask-again':
      return `the new request ${quoteRequest(plan.request)}`
    case 'nothing':
      return `nothing: ${plan.because}`
  }
}

/** The same for a line of a table. */
export const planInShort = (plan: RetryPlan): string => {
  if (plan.action !== 'resolve') return planInWords(plan)
  const { step, direction, round, reason } = plan.parked
  return `retry ${direction} ${step}, round ${round} (${reason})`
}

/** A decision and the run that it is for. */
export const resolutionInWords = ({ workflowId, resolution }: PlannedResolution): string => {
  const { decision, to, settled, by, reason } = resolution
  const where = to === undefined ? '' : ` to ${to}`
  const byHand = settled === undefined ? '' : `, settled by hand: ${settled.join(', ')},`
  return `${decision}${where}${byHand} to ${workflowId}, by ${by}: ${reason}`
}

/** What came of a repair, in words. */
export const effectInWords = ({ changed, sent, text }: Pick<Effect, 'changed' | 'sent' | 'text'>): string => {
  if (changed) return text
  return `${sent === false ? 'nothing has changed' : 'it has not helped so far'}: ${text}`
}
