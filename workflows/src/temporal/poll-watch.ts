/**
 * Whether the worker polls, by the counters of the SDK's native part. The server knows it too, but a rented one counts the question
 * (`DescribeTaskQueue`) as a search, of which a namespace has thirty a second for all its orchestrators.
 */

/** A poll lasts a minute when there is nothing to do. */
export const pollsAgainWithinMs = 90_000

/** A poll that lasts as long is held by a server that has nothing to do for us; one that is refused ends at once. */
const heldMs = 3_000

const line =
  /^temporal_long_request_(total|failure_total|latency_seconds_count|latency_seconds_sum)\{[^}]*operation="PollWorkflowTaskQueue"[^}]*\} (\S+)$/gm

interface Polls {
  readonly begun: number
  readonly ended: number
  readonly failed: number
  /** How long those took that have ended. */
  readonly lastedMs: number
}

/** `undefined`: the text does not tell. */
const pollsIn = (sdkMetrics: string): Polls | undefined => {
  const lines = [...sdkMetrics.matchAll(line)]
  if (lines.length === 0) return undefined
  const sum = (name: string) =>
    lines.reduce((total, [, found, value]) => total + (found === name ? Number(value) : 0), 0)
  return {
    begun: sum('total'),
    ended: sum('latency_seconds_count'),
    failed: sum('failure_total'),
    lastedMs: sum('latency_seconds_sum') * 1_000,
  }
}

/**
 * Whether polls ended since that were answered or held. Something between us and the server may cut each idle connection after a while:
 * then every poll fails in the end, and the next one gets what there is to do.
 */
const haveWorked = (before: Polls, now: Polls): boolean => {
  const ended = now.ended - before.ended
  if (ended === 0) return false
  return ended > now.failed - before.failed || (now.lastedMs - before.lastedMs) / ended >= heldMs
}

/** Tells for how long no poll has worked, in ms, as of the metrics of now (Prometheus text). */
export const createPollWatch = (clock: () => number = () => performance.now()): ((sdkMetrics: string) => number) => {
  let seen: Polls | undefined
  let changedAt = clock()
  let workedAt = clock()
  return (sdkMetrics) => {
    const now = clock()
    const polls = pollsIn(sdkMetrics)
    // What does not tell is no sign of trouble: the server is asked too, and what comes next is a new beginning.
    if (polls === undefined || seen === undefined) workedAt = changedAt = now
    else {
      if (haveWorked(seen, polls)) workedAt = now
      if (polls.begun !== seen.begun || polls.ended !== seen.ended) changedAt = now
      // Open since then. The SDK ends each after 70 s: one that stays for longer is no sign of anything.
      if (polls.begun > polls.ended && now - changedAt >= heldMs) workedAt = Math.max(workedAt, changedAt)
    }
    seen = polls
    return now - workedAt
  }
}
