import { type FailureFacts, later, type Reached } from '../channels/channel.ts'
import type { Refund } from '../state.ts'
import { call, type PastFailure } from './asking.ts'
import { absentPastFailure } from './channel-rules.ts'
import { type Context, type Work, withRefund } from './work.ts'

/** What becomes of a refund whose call came to no result. */

/** A call that came to no result. */
export interface Missed extends FailureFacts {
  readonly outcome: 'technical'
  readonly reached: Reached
  readonly error: string
}

/** When and how often a channel was asked. */
export interface Asking {
  /** ISO 8601. */
  readonly now: string
  /** Which run of the task this is, from 1; more than were heard of when one ended without a word. */
  readonly attempt: number
  /** ISO 8601; absent: the attempts are used up. */
  readonly retryAt: string | undefined
  /** It was a look past a failure that the channel keeps. */
  readonly pastFailure?: PastFailure | undefined
}

/** Its channel keeps a failure for the key, and has not known of the refund twice, long enough apart. */
export const isDead = ({ kept }: Missed, { pastFailure, now }: Asking): boolean =>
  kept === 'absent' && absentPastFailure(pastFailure?.absentAt, now) === 'key-dead'

/** How it goes on past a failure that its channel keeps for the key; one that is looked past stays so, whatever a look meets. */
const pastFailureOf = ({ kept }: Missed, { pastFailure, now }: Asking): PastFailure | undefined => {
  if (kept === undefined) return pastFailure
  return kept === 'absent' ? { absentAt: pastFailure?.absentAt ?? now } : (pastFailure ?? {})
}

/** Once an attempt may have reached the channel, only an answer ends the doubt; so may a run that nothing was heard of. */
export const missed = (work: Work, refund: Refund, heard: Missed, asking: Asking, context: Context): Work => {
  if (refund.progress.state !== 'submitted') return work
  const silent = asking.attempt > refund.progress.attempts + 1
  const inDoubt = heard.absent !== true && (refund.progress.inDoubt || silent || heard.reached === 'unknown')
  const next = nextCall(refund, heard, asking, context)
  const tried: Refund = {
    ...refund,
    progress: {
      state: 'submitted',
      calling: next !== undefined,
      inDoubt,
      received: false,
      attempts: next?.uncounted ? asking.attempt - 1 : asking.attempt,
      failure: heard.error,
    },
  }
  const missed = withRefund(work, tried)
  return next === undefined ? missed : call(missed, tried, next, context, pastFailureOf(heard, asking))
}

/** No longer than this is waited for a provider, whatever it says. */
const longestWaitMs = 3_600_000
const outageMs = 30_000

/**
 * When it is called again; `undefined`: not by itself. What only a person can mend is not tried again, and while a provider is away
 * nobody was called, so that no attempt was made: that goes on for as long as a channel has to settle a refund.
 */
const nextCall = (
  refund: Refund,
  { trouble, retryAfterMs, kept }: Missed,
  { now, retryAt, pastFailure }: Asking,
  { policy }: Context,
): { readonly dueAt: string; readonly uncounted?: true } | undefined => {
  if (trouble === 'setup') return undefined
  const asWished = (otherwise: number) => later(now, Math.min(Math.max(retryAfterMs ?? 0, otherwise), longestWaitMs))
  if (trouble === 'outage')
    return now < later(refund.firstAskedAt ?? now, policy.refundPatienceMs)
      ? { dueAt: asWished(retryAfterMs === undefined ? outageMs : 0), uncounted: true }
      : undefined
  const past = kept === 'absent' ? absentPastFailure(pastFailure?.absentAt, now) : undefined
  if (typeof past === 'object') return retryAt === undefined ? undefined : { dueAt: past.lookAt }
  return retryAt === undefined ? undefined : { dueAt: asWished(Date.parse(retryAt) - Date.parse(now)) }
}
