import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseHistory } from '../replay/history.ts'
import type { Run } from '../runs.ts'
import { historyEntries } from './history.ts'

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
  const signals = (await entriesOf('merchant-approves')).filter(({ kind }) => kind === 'signal')
  expect(signals).toMatchObject([{ name: 'decided', data: { decision: 'approve', by: 'mer-3' } }])
})
