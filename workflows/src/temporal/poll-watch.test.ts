import { expect, test } from 'vitest'
import { createPollWatch, pollsAgainWithinMs } from './poll-watch.ts'

const about = 'namespace="default",operation="PollWorkflowTaskQueue",task_queue="cancellations"'

/** What the SDK has counted: polls that were begun, those that have ended, how many of these with an error, and how long they took. */
interface Counted {
  readonly begun: number
  readonly ended: number
  readonly failed: number
  readonly seconds: number
}

const text = ({ begun, ended, failed, seconds }: Counted) =>
  [
    '# TYPE temporal_long_request_total counter',
    `temporal_long_request_total{${about}} ${begun}`,
    `temporal_long_request_total{${about.replace('Workflow', 'Activity')}} ${begun * 7}`,
    `temporal_long_request_failure_total{${about},status_code="UNAVAILABLE"} ${failed}`,
    `temporal_long_request_latency_seconds_bucket{${about},le="0.05"} ${ended}`,
    `temporal_long_request_latency_seconds_sum{${about}} ${seconds}`,
    `temporal_long_request_latency_seconds_count{${about}} ${ended}`,
  ].join('\n')

const pollers = 5

const watch = () => {
  let now = 0
  const silentMs = createPollWatch(() => now)
  return {
    read: (counted: Counted) => silentMs(text(counted)),
    readText: silentMs,
    after: (ms: number) => {
      now += ms
    },
  }
}

/** For how long it was silent at most, when it is looked at every few seconds while each poll takes so long and ends so. */
const mostSilent = ({
  pollSeconds,
  fails,
  restSeconds = 0,
}: {
  pollSeconds: number
  fails: boolean
  restSeconds?: number
}) => {
  const { read, after } = watch()
  const everySeconds = 5
  let most = 0
  for (let second = 0; second < 600; second += everySeconds) {
    const round = pollSeconds + restSeconds
    const begun = pollers * (Math.floor(second / round) + 1)
    const ended = pollers * (Math.floor(second / round) + (second % round >= pollSeconds ? 1 : 0))
    most = Math.max(most, read({ begun, ended, failed: fails ? ended : 0, seconds: ended * pollSeconds }))
    after(everySeconds * 1_000)
  }
  return most
}

test('a worker that polls is never silent for long', () => {
  expect(mostSilent({ pollSeconds: 60, fails: false })).toBeLessThan(pollsAgainWithinMs)
  expect(mostSilent({ pollSeconds: 0.01, fails: false })).toBeLessThan(pollsAgainWithinMs)
})

test('a worker whose idle polls are all cut, or that the SDK ends before the server does, is not silent', () => {
  for (const pollSeconds of [15, 30, 59, 70])
    expect(mostSilent({ pollSeconds, fails: true })).toBeLessThan(pollsAgainWithinMs)
})

test('a worker whose polls are cut shortly before they would have ended is not silent until the next ones end', () => {
  const { read, after } = watch()
  read({ begun: 5, ended: 0, failed: 0, seconds: 0 })
  after(59_000)
  expect(read({ begun: 10, ended: 5, failed: 5, seconds: 5 * 59 })).toBe(0)
  for (let second = 0; second < 55; second += 5) {
    after(5_000)
    expect(read({ begun: 10, ended: 5, failed: 5, seconds: 5 * 59 })).toBeLessThan(pollsAgainWithinMs)
  }
})

test('a worker whose polls are all refused is silent, also while it rests between them', () => {
  expect(mostSilent({ pollSeconds: 0.01, fails: true })).toBeGreaterThan(500_000)
  expect(mostSilent({ pollSeconds: 0.01, fails: true, restSeconds: 10 })).toBeGreaterThan(500_000)
})

test('a worker that begins no poll is silent, and so is one whose polls never end', () => {
  for (const begun of [50, 55]) {
    const { read, after } = watch()
    const stands = { begun, ended: 50, failed: 0, seconds: 3_000 }
    read(stands)
    for (let second = 0; second < 100; second += 5) {
      after(5_000)
      read(stands)
    }
    expect(read(stands)).toBe(100_000)
    expect(read({ begun: 60, ended: 55, failed: 0, seconds: 3_001 })).toBe(0)
  }
})

test('metrics that do not tell are no sign of trouble, and what comes after them is a new beginning', () => {
  const { read, readText, after } = watch()
  read({ begun: 5, ended: 0, failed: 0, seconds: 0 })
  after(600_000)
  expect(readText('')).toBe(0)
  after(600_000)
  expect(read({ begun: 3, ended: 0, failed: 0, seconds: 0 })).toBe(0)
})
