import { readFile } from 'node:fs/promises'
import { eventually } from '@countermand/testing'
import { findChromium, noChromium } from '@countermand/tools/stack/chromium.ts'
import { filterOf, listRuns } from '@countermand/workflows/operations/find/runs.ts'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openChromium } from '../browser/chromium.ts'
import {
  openTemporalUi,
  requestCancellation,
  sendUpdate,
  type TemporalUi,
  terminate,
  untilShown,
} from '../browser/temporal-ui.ts'
import { startWorld, type World } from './world.ts'

/** Patience that makes every drill quick; the drills are told of it as the processes are. */
const patience = { STEP_ATTEMPTS: '3', UNDO_ATTEMPTS: '3', STEP_BACKOFF: '50ms', REFUND_PATIENCE: '4s' }
/** Commands are processes, which a busy machine takes seconds to start. */
const commandsMs = 240_000

const made = z.object({
  ...{ name: z.string(), orderId: z.string(), requestId: z.string(), workflowId: z.string() },
  ...{ stuck: z.boolean(), found: z.string(), runbook: z.string(), repair: z.array(z.string()) },
})
const result = z.object({ ok: z.boolean(), drills: z.array(made), notMade: z.array(z.unknown()) })
type Made = z.infer<typeof made>

const executable = await findChromium(process.env)
if (executable === undefined) process.stderr.write(`the Temporal UI is not looked at: ${noChromium}\n`)

let world: World
let drills: readonly Made[]
beforeAll(async () => {
  world = await startWorld(inject('stack'), patience)
  const { stdout, stderr } = await world.saga('drill', '--hint', '--json')
  const parsed = result.safeParse(JSON.parse(stdout || '{}'))
  if (!parsed.success || !parsed.data.ok) throw new Error(`expected every drill to get stuck, got ${stdout}${stderr}`)
  expect(parsed.data.notMade).toEqual([])
  drills = parsed.data.drills
}, commandsMs)
afterAll(async () => {
  await world?.stop()
})

const drillOf = (name: string): Made => {
  const found = drills.find((each) => each.name === name)
  if (found === undefined) throw new Error(`expected a drill ${name}, got ${drills.map((each) => each.name)}`)
  return found
}

const ends = async (name: string, outcome: string): Promise<void> => {
  const { orderId, workflowId } = drillOf(name)
  const ended = await eventually(
    `${name} to end`,
    async () =>
      (await listRuns(world.temporal, { order: orderId })).find((run) => run.workflowId === workflowId)?.outcome,
    100_000,
  )
  expect(ended).toBe(outcome)
}

const brokenRun = () => world.temporal.client.workflow.getHandle(drillOf('workflow-task-failing').workflowId).describe()
/** The sweep may have started it again by then. */
const untilTerminated = (brokenId: string) =>
  eventually('the broken run to be gone', async () => {
    const { status, runId } = await brokenRun()
    return status.name === 'TERMINATED' || runId !== brokenId
  })

const reasons = [
  ...['refund-in-doubt', 'refund-reversed', 'refund-refused-after-pivot', 'workflow-task-failing'],
  ...['undo-failed', 'step-failed', 'refund-overdue'],
]
const shown = z.looseObject({ requestId: z.string(), attentionReason: z.string().nullable() })

describe('who is on call sees', { timeout: commandsMs }, () => {
  it('all of it on one screen, what hurts most first, with the money in it', async () => {
    const { code, stdout } = await world.saga('status', '--json')
    expect(code).toBe(0)
    const status = JSON.parse(stdout)
    expect(status).toMatchObject({ intake: { paused: true, by: 'drill', held: 1 }, unread: [] })
    expect(status.attention.map(({ reason }: { reason: string }) => reason)).toEqual(reasons)
    expect(status.attention[5]).toMatchObject({ sagas: 2, money: [{ amount: 6702, currency: 'EUR' }] })
    expect(status.deadLetters).toMatchObject([{ reason: 'invalid-data', letters: 1 }])
    const words = (await world.saga('status')).stdout
    expect(words.split('\n').length).toBeLessThan(25)
    expect(words).toMatch(/^intake +paused by drill: a drill; cancel events that wait: 1 +saga intake resume\n/)
  })

  it('in the plain list too what a search attribute cannot say, since when and why', async () => {
    const listed = z.array(shown).parse(JSON.parse((await world.saga('list', '--json')).stdout))
    for (const name of ['refund-reversed', 'workflow-task-failing', 'refund-overdue']) {
      const { requestId } = drillOf(name)
      const found = listed.find((each) => each.requestId === requestId && each.attentionReason !== null)
      expect(found).toMatchObject({ attentionReason: name, needsAttention: true, amount: 3351, currency: 'EUR' })
      expect(found).toMatchObject({ attentionSince: expect.any(String), attentionError: expect.any(String) })
    }
    // What is wrong comes first, from the run itself where nothing was told yet.
    for (const row of listed.filter(({ attentionReason }) => attentionReason === 'workflow-task-failing'))
      expect(row.attentionError).toMatch(/^(?!attempt).+ \(attempt \d+ of a workflow task of run /s)
    const waits = listed.find(({ requestId }) => requestId === drillOf('carrier-silent').requestId)
    expect(waits).toMatchObject({ needsAttention: false, deadline: { of: 'carrier' } })
  })
})

describe.skipIf(executable === undefined)('the Temporal UI, in a browser', { timeout: commandsMs }, () => {
  let browser: Browser
  let ui: TemporalUi
  beforeAll(async () => {
    browser = await openChromium(executable ?? '')
    const { namespace } = world.temporal.client.options
    ui = openTemporalUi(browser, { temporalUiUrl: inject('stack').temporalUiUrl, namespace })
  }, commandsMs)
  // A page goes on asking and drawing for as long as it is open.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
  afterAll(async () => {
    await browser?.close()
  })

  it('lists what needs attention by the query of the runbooks', async () => {
    const page = await ui.list(filterOf({ attention: true }))
    await untilShown(page, drillOf('refund-in-doubt').workflowId)
    await untilShown(page, 'settleReversedRefund')
    expect(await page.locator('body').innerText()).not.toContain(drillOf('merchant-waits').workflowId)
  })

  it('says of a parked run what it is, what is stuck, and the command that resolves it', async () => {
    const { orderId, requestId, workflowId } = drillOf('undo-failed')
    const page = await ui.metadata(workflowId)
    await untilShown(page, `Cancel ${orderId}: changed-mind (customer)`)
    await untilShown(page, 'Asked by customer cus-7')
    await untilShown(page, 'Needs attention (undo-failed)')
    await untilShown(page, `npm run saga -- resolve ${requestId} --decision retry --by <you> --reason <why>`)
    await untilShown(page, 'Turned back while refunding: compensated (refund-refused')
    await untilShown(page, `Reserve the stock of ${orderId} again`)
  })

  it('says of a run that waits what was done, and what it waits for', async () => {
    const page = await ui.metadata(drillOf('merchant-waits').workflowId)
    await untilShown(page, 'Done: order on hold; parcels kept back')
    await untilShown(page, "Waiting for the merchant's decision, until")
  })

  it('names each step in the history, with what it is for', async () => {
    const { orderId, workflowId } = drillOf('refund-in-doubt')
    const page = await ui.history(workflowId)
    await untilShown(page, `Hold order ${orderId}`)
    await untilShown(page, 'stopShipment')
    await untilShown(page, `Set the stock of ${orderId} aside`)
    await untilShown(page, 'Refund 33.51 EUR')
  })

  it('decides for a merchant who does not answer', async () => {
    const { workflowId } = drillOf('merchant-waits')
    await sendUpdate(await ui.history(workflowId), 'decide', { decision: 'approve', by: 'mer-3' })
    await ends('merchant-waits', 'cancelled')
  })

  it('turns back a saga whose carrier is silent', async () => {
    await requestCancellation(await ui.history(drillOf('carrier-silent').workflowId))
    await ends('carrier-silent', 'withdrawn')
  })

  it('terminates a run that no code can walk', async () => {
    const { workflowId } = drillOf('workflow-task-failing')
    const { runId } = await brokenRun()
    await terminate(await ui.history(workflowId), 'no code can walk it')
    await untilTerminated(runId)
  })
})

/** `npm run saga -- resolve …` → its arguments. */
const argumentsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(4)

const repair = async (name: string): Promise<void> => {
  const { repair: commands } = drillOf(name)
  expect(commands).not.toEqual([])
  for (const command of commands) expect(await world.saga(...argumentsOf(command))).toMatchObject({ code: 0 })
}

describe('the command of the runbook repairs', { timeout: commandsMs }, () => {
  it.each([
    ['carrier-unknown', 'cancelled'],
    ['carrier-down', 'cancelled'],
    ['undo-failed', 'compensated'],
    ['refund-in-doubt', 'cancelled'],
    ['refund-refused-after-pivot', 'cancelled'],
    ['refund-overdue', 'cancelled'],
    ['intake-paused', 'cancelled'],
  ] as const)('%s, which ends %s', async (name, outcome) => {
    await repair(name)
    await ends(name, outcome)
  })

  it('workflow-task-failing: the run is ended, whoever did it first, and the saga begins again', async () => {
    // The sweep does the same within a minute with one that was terminated: whoever comes second has nothing to do.
    for (const command of drillOf('workflow-task-failing').repair) await world.saga(...argumentsOf(command))
    await ends('workflow-task-failing', 'cancelled')
  })

  it('refund-reversed: the money goes elsewhere, and the order stays cancelled', async () => {
    await repair('refund-reversed')
    const { requestId } = drillOf('refund-reversed')
    const settled = await eventually('the refund', async () => {
      const { payment } = await world.story(requestId)
      return payment.refunds.find(({ destination, state }) => destination === 'bank-transfer' && state === 'succeeded')
    })
    expect(settled).toMatchObject({ amount: 3351 })
  })
})

it('takes every query of the page of saved views', async () => {
  const page = await readFile(new URL('../../docs/runbooks/queries.md', import.meta.url), 'utf8')
  const queries = [...page.matchAll(/\| `` (.+?) `` \|/g)].map(([, query]) => query ?? '')
  expect(queries.length).toBeGreaterThan(8)
  for (const query of queries) await world.temporal.client.workflow.count(query)
})

it('leaves nothing that needs attention, and every invariant true', async () => {
  await eventually(
    'nothing to need attention',
    async () => (await listRuns(world.temporal, { attention: true })).length === 0,
  )
  expect((await world.verify()).violations).toEqual([])
})
