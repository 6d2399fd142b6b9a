import { expect, test } from 'vitest'
import { createPollWatch } from './poll-watch.ts'

const about = 'namespace="default",operation="PollWorkflowTaskQueue",task_queue="cancellations"'
const text = (begun: number, failed = 0) =>
  [
    '# TYPE temporal_long_request_total counter',
    `temporal_long_request_total{${about}} ${begun}`,
    `temporal_long_request_total{${about.replace('Workflow', 'Activity')}} ${begun * 7}`,
    `temporal_long_request_failure_total{${about},status_code="UNAVAILABLE"} ${failed}`,
  ].join('\n')

const watch = () => {
  let now = 0
  const silentMs = createPollWatch(() => now)
  const after = (ms: number) => {
    now += ms
  }
  return { silentMs, after }
}

test('a worker that polls is never silent for long', () => {
  const { silentMs, after } = watch()
  for (let poll = 2; poll < 20; poll += 1) {
    expect(silentMs(text(poll))).toBe(0)
    after(60_000)
  }
})

test('a worker whose polls all fail, or that begins none, is silent', () => {
  const { silentMs, after } = watch()
  silentMs(text(5))
  after(30_000)
  expect(silentMs(text(12, 7))).toBe(30_000)
  after(70_000)
  expect(silentMs(text(12, 7))).toBe(100_000)
  expect(silentMs(text(13, 7))).toBe(0)
})

test('metrics that do not tell are no sign of trouble, and what comes after them is a new beginning', () => {
  const { silentMs, after } = watch()
  silentMs(text(5))
  after(600_000)
  expect(silentMs('')).toBe(0)
  after(600_000)
  expect(silentMs(text(3))).toBe(0)
})
