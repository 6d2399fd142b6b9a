/**
 * `npm run pictures`: takes the pictures of the Temporal UI for the docs, of a system that runs (`npm start`) and in which
 * `npm run saga -- drill` has made stuck sagas. Names what is missing.
 */
import { fileURLToPath } from 'node:url'
import { readAddresses } from '@countermand/tools/saga/addresses.ts'
import { findChromium, noChromium } from '@countermand/tools/stack/chromium.ts'
import { filterOf, listRuns, type Run } from '@countermand/workflows/operations/find/runs.ts'
import { openTemporal, type Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { openChromium } from './chromium.ts'
import { openTemporalUi, type TemporalUi, untilShown } from './temporal-ui.ts'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const status = z.object({ waitingFor: z.string().optional() })

const parked = async (temporal: Temporal, reason: string): Promise<Run> => {
  const run = (await listRuns(temporal, { attention: true })).find((each) => each.attentionReason === reason)
  if (run === undefined) throw new Error(`expected a saga that needs attention for ${reason}: npm run saga -- drill`)
  return run
}

const waitingFor = async (temporal: Temporal, whom: string): Promise<Run> => {
  for (const run of await listRuns(temporal, { stage: 'confirming' })) {
    if (run.status !== 'RUNNING' || run.needsAttention) continue
    const answer = await temporal.client.workflow.getHandle(run.workflowId).query('status')
    if (status.parse(answer).waitingFor?.includes(whom)) return run
  }
  throw new Error(`expected a saga that waits for ${whom}: npm run saga -- drill`)
}

const take = async (page: Page, words: string, name: string): Promise<void> => {
  await untilShown(page, words)
  await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' })
  await page.context().close()
  process.stderr.write(`[pictures] docs/pictures/${name}.png\n`)
}

const takeAll = async (ui: TemporalUi, temporal: Temporal): Promise<void> => {
  const undo = await parked(temporal, 'undo-failed')
  const doubt = await parked(temporal, 'refund-in-doubt')
  const merchant = await waitingFor(temporal, 'merchant')
  await take(await ui.list(filterOf({ attention: true })), undo.workflowId, 'list-attention')
  await take(await ui.metadata(undo.workflowId), 'Needs attention', 'run-parked')
  await take(await ui.metadata(merchant.workflowId), 'Waiting for', 'run-waiting')
  const history = await ui.history(doubt.workflowId)
  await history.getByRole('heading', { name: 'Event History' }).evaluate((heading) => heading.scrollIntoView())
  await take(history, 'Refund 33.51 EUR', 'run-steps')
}

const executable = await findChromium(process.env)
if (executable === undefined) throw new Error(noChromium)
const where = await readAddresses(process.env)
const temporal = await openTemporal(where)
const browser = await openChromium(executable)
try {
  await takeAll(openTemporalUi(browser, where), temporal)
} finally {
  await browser.close()
  await temporal.close()
}
