import { readFile } from 'node:fs/promises'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { describe, expect, it } from 'vitest'
import { billableActions, type HistoryEvent } from './billable.ts'

const started: HistoryEvent = { workflowExecutionStartedEventAttributes: {} }
const scheduled: HistoryEvent = { workflowTaskScheduledEventAttributes: {} }
const completed: HistoryEvent = { workflowTaskCompletedEventAttributes: {} }
const begun: HistoryEvent = {}
const marker = (markerName: string): HistoryEvent => ({ markerRecordedEventAttributes: { markerName } })
const local = marker('core_local_activity')
const activity = (attempt: number): HistoryEvent => ({ activityTaskStartedEventAttributes: { attempt } })
const upsert = (...names: readonly string[]): HistoryEvent => ({
  upsertWorkflowSearchAttributesEventAttributes: {
    searchAttributes: { indexedFields: Object.fromEntries(names.map((name) => [name, {}])) },
  },
})
const task = [scheduled, begun, completed]

describe('billableActions', () => {
  it('counts the start, and nothing for an empty workflow', () => {
    expect(billableActions([started, ...task, {}])).toBe(1)
  })

  it('counts all local activities of one workflow task once, and those of the next again', () => {
    expect(billableActions([started, ...task, local, local, local, {}])).toBe(2)
    expect(billableActions([started, ...task, local, begun, ...task, local, local])).toBe(3)
  })

  it('counts a long workflow task each time that it says that it is still at work', () => {
    expect(billableActions([started, ...task, ...task, ...task, local, local])).toBe(4)
    // Between tasks something came: no heartbeat.
    expect(billableActions([started, ...task, { workflowExecutionSignaledEventAttributes: {} }, ...task])).toBe(2)
  })

  it('counts each attempt of an activity, and none that never began', () => {
    expect(billableActions([started, ...task, activity(1), activity(3)])).toBe(5)
    expect(billableActions([started, ...task, { activityTaskScheduledEventAttributes: {} } as HistoryEvent])).toBe(1)
  })

  it('counts timers, signals, accepted updates and changes of search attributes', () => {
    const events: readonly HistoryEvent[] = [
      { timerStartedEventAttributes: {} },
      { workflowExecutionSignaledEventAttributes: {} },
      { workflowExecutionUpdateAcceptedEventAttributes: {} },
      upsert('SagaStage', 'SagaOutcome'),
    ]
    expect(billableActions([started, ...events])).toBe(5)
  })

  it('does not count what the SDK writes for a patch', () => {
    expect(billableActions([started, ...task, marker('core_patch'), upsert('TemporalChangeVersion')])).toBe(1)
  })

  it('counts a recorded run whose steps are ordinary activities: its start, six commands, and the attributes at its end', async () => {
    const recording = new URL('../../workflows/histories/cancelled.json', import.meta.url)
    const { events } = historyFromJSON(JSON.parse(await readFile(recording, 'utf8')))
    expect(billableActions(events ?? [])).toBe(8)
  })
})
