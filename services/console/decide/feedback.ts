import { createHash } from 'node:crypto'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import type { Case, Feedback } from '../state.ts'
import { nothingHeard } from './follow.ts'

/** The same answer to the same question is the same feedback, however often it is sent. */
const feedbackIdOf = ({ orderId, requestId, score, text }: Feedback): string =>
  createHash('sha256')
    .update(JSON.stringify([orderId, requestId, score, text]))
    .digest('base64url')

/** What a customer thought becomes part of the case, so that it is counted, and told, in the transaction that keeps it. `language`: they were asked in. */
export const giveFeedback =
  (given: Feedback, language: string) =>
  (known: Case = nothingHeard, { now: at }: Moment): { readonly decision: Decision<Case>; readonly value: 'done' } => {
    const { orderId, requestId, score, text } = given
    const feedbackId = feedbackIdOf(given)
    const data = {
      feedbackId,
      orderId,
      requestId,
      score,
      language,
      channel: 'web',
      at,
      ...(text !== undefined && { text }),
    } as const
    return {
      decision: {
        state: { ...known, feedback: [...(known.feedback ?? []), given] },
        publish: [{ type: 'feedback.given.v1', data, id: [feedbackId] }],
      },
      value: 'done',
    }
  }
