import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, expect, test } from 'vitest'
import { savedBundle } from '../../testing/saved-bundle.ts'

const folder = fileURLToPath(new URL('../../histories/', import.meta.url))
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'))
let workflowBundle: Awaited<ReturnType<typeof savedBundle>>

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
  workflowBundle = await savedBundle()
})

const historyOf = async (name: string) => JSON.parse(await readFile(`${folder}${name}`, 'utf8'))
const replay = (history: unknown) => Worker.runReplayHistory({ workflowBundle }, history)

test.each(histories)('the code of today follows the recorded history %s', async (name) => {
  await replay(await historyOf(name))
})

test('a history that the code would not have made is noticed', async () => {
  const history = await historyOf('cancelled.json')
  const scheduled = history.events.find(
    (event: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }) =>
      event.activityTaskScheduledEventAttributes?.activityType.name === 'refundOrder',
  )
  scheduled.activityTaskScheduledEventAttributes.activityType.name = 'returnStockToSale'
  await expect(replay(history)).rejects.toThrow(/[Nn]ondeterminism/)
})

test('what is asked next does not depend on the moment at which two answers side by side come', async () => {
  // Live, one came in time for another step of the fast lane; a replay has both at once, a moment later.
  await replay(await historyOf('cut-off/two-fast-steps-near-the-budget.json'))
})
