import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { Run } from '../find/runs.ts'
import { parseHistory } from '../history/history.ts'
import { historyEntries } from './run-entries.ts'

const run: Run = {
  ...{ workflowId: 'cancel-ord-1-req-1', runId: 'run-1', orderId: 'ord-1', requestId: 'req-1', status: 'COMPLETED' },
  ...{ stage: undefined, outcome: undefined, merchantId: undefined, reasonCode: undefined },
  ...{ needsAttention: false, attentionReason: undefined, startedAt: new Date(0), closedAt: undefined },
}

const entriesOf = async (name: string) => {
  const file = new URL(`../../../workflows/histories/${name}.json`, import.meta.url)
  return historyEntries(run, parseHistory(name, await readFile(file, 'utf8')))
}

it('tells a run from its beginning to its end, its activities by name', async () => {
  const entries = await entriesOf('cancelled')
  expect(entries.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'run cancelOrder started',
    ...[
      'beginCancellation',
      'stopShipment',
      'setStockAside',
      'refundOrder',
      'returnStockToSale',
      'confirmCancellation',
    ].map((name) => `activity ${name}`),
    'run completed',
  ])
  expect(entries.every(({ at, requestId }) => at.endsWith('Z') && requestId === 'req-1')).toBe(true)
})

it('tells what people decided, with who and why', async () => {
  const entries = await entriesOf('parked-and-retried')
  expect(entries.find(({ kind }) => kind === 'update')).toMatchObject({ name: 'resolve', data: { decision: 'retry' } })
  const resolved = entries.find(({ kind }) => kind === 'update')
  const caused = entries.filter(({ kind, at }) => kind === 'activity' && at >= (resolved?.at ?? ''))
  expect(caused.map(({ name }) => name)).toContain('recordCancellation')
  const signals = (await entriesOf('merchant-approves')).filter(({ kind }) => kind === 'signal')
  expect(signals).toMatchObject([{ name: 'decided', data: { decision: 'approve', by: 'mer-3' } }])
})

it('tells a decision before what it caused, though both are written down together', async () => {
  const decided = (await entriesOf('parked-and-retried')).find(({ kind }) => kind === 'update')
  // The history has it at .577, after its workflow task.
  expect(decided?.at).toBe('2026-11-22T11:01:55.540Z')
})

it('does not tell of a task that Temporal does once more because something came in', () => {
  const failed = (message: string) => ({
    ...{ eventId: '1', eventTime: '2026-11-22T11:01:55Z', eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED' },
    workflowTaskFailedEventAttributes: { failure: { message } },
  })
  const history = JSON.stringify({ events: [failed('UnhandledCommand'), failed('the code is wrong')] })
  const entries = historyEntries(run, parseHistory('two tasks', history))
  expect(entries.map(({ data }) => data)).toMatchObject([{ error: 'the code is wrong' }])
})
