/**
 * Whether the worker polls, by the counters of the SDK's native part. The server knows it too, but a rented one counts the question
 * (`DescribeTaskQueue`) as a search, of which a namespace has thirty a second for all its orchestrators.
 */

/** A poll lasts a minute when there is nothing to do. */
export const pollsAgainWithinMs = 90_000

const polls =
  /^temporal_long_request(_failure)?_total\{[^}]*operation="PollWorkflowTaskQueue"[^}]*\} (\d+(?:\.\d+)?)$/gm

/** Polls that were begun and have not failed; `undefined`: the text does not tell. */
const pollsIn = (sdkMetrics: string): number | undefined => {
  const found = [...sdkMetrics.matchAll(polls)]
  if (found.length === 0) return undefined
  return found.reduce((sum, [, failed, value]) => sum + (failed === undefined ? 1 : -1) * Number(value), 0)
}

/** Tells for how long no poll has been begun that did not fail, in ms, as of the metrics of now (Prometheus text). */
export const createPollWatch = (clock: () => number = () => performance.now()): ((sdkMetrics: string) => number) => {
  let seen: number | undefined
  let grewAt = clock()
  return (sdkMetrics) => {
    const count = pollsIn(sdkMetrics)
    // What does not tell is no sign of trouble: the server is asked too, and what comes next is a new beginning.
    if (count === undefined || seen === undefined || count > seen) grewAt = clock()
    seen = count === undefined ? undefined : Math.max(count, seen ?? 0)
    return clock() - grewAt
  }
}
