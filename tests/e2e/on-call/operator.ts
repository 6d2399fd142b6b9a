import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, eventuallyHolds } from '@countermand/testing'
import { nextRequestId } from '@countermand/workflows/operations/repair/again.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

/** What who is on call types, on the real parts. */

// Each command is a process of its own, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let shop: Shop
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countermand-operator-'))
  shop = openShop(world)
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const saga = (...args: readonly string[]) => world.saga(...args)
const json = (text: string) => z.looseObject({}).parse(JSON.parse(text))
const handleOf = ({ workflowId }: Request) => world.temporal.client.workflow.getHandle(workflowId)

const asked = async (name: string, ref: string, number?: string): Promise<Request> => {
  const parcels = number === undefined ? [] : [{ number, status: 'in-transit' as const }]
  return shop.ask(await shop.place({ name, tenders: [{ ref }], parcels }))
}

const parked = async (name: string, ref = 'pay_down'): Promise<Request> => {
  const request = await asked(name, ref)
  await request.hears('order.cancellation.needs-attention.v1')
  return request
}

describe.concurrent('saga retry', () => {
  it('drives a parked saga on, and says what came of it', async () => {
    const request = await parked('retry-parked')
    const preview = await saga('retry', request.requestId, '--dry-run')
    expect(preview).toMatchObject({ code: 0, stderr: '' })
    expect(preview.stdout).toMatch(/would send retry to cancel-.*needs attention \(step-failed\)/)
    expect(preview.stdout).toContain('do hold-order: CancellationBegun')
    const done = await saga('retry', request.requestId, '--by', 'ann', '--reason', 'it is back', '--json')
    expect(json(done.stdout)).toMatchObject({ effect: { changed: true, outcome: 'cancelled' } })
    const { requests } = await request.story()
    expect(requests[0]?.records.at(-1)?.record).toMatchObject({ what: 'resolved', by: 'ann', reason: 'it is back' })
  })

  it('exits 1 and says so when the saga needs attention again', async () => {
    const request = await parked('retry-in-vain', 'pay_flaky_5')
    const done = await saga('retry', request.requestId, '--reason', 'perhaps')
    expect(done.code).toBe(1)
    expect(done.stdout).toContain('it has not helped so far: it needs attention again (refund, step-failed)')
    expect((await saga('retry', request.requestId)).code).toBe(0)
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it('starts a terminated saga again, which goes on where it was', async () => {
    const request = await asked('retry-terminated', 'pay_ok', 'OK-1')
    await request.hears('order.cancellation.awaiting-merchant.v1')
    await handleOf(request).terminate('to see it started again')
    const done = await saga('retry', request.requestId, '--by', 'ann', '--wait', '3s')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/again, its run is terminated since .*\nit goes on: confirming, waits for/)
    expect((await saga('show', request.requestId)).stdout).toContain('started again by ann')
    const idle = await saga('retry', request.requestId)
    expect(idle).toMatchObject({ code: 2, stdout: '' })
    expect(idle.stderr).toMatch(/^error: expected .* to need a retry, it runs: confirming/)
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(endsOf(request)).toHaveLength(1)
  })

  it('of an ended saga is a new request that names it, published once and only when it is asked for', async () => {
    const request = await asked('retry-ended', 'pay_refuse')
    expect(await request.ends()).toMatchObject({ outcome: 'compensated' })
    const refused = await saga('retry', request.requestId, '--json')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(`${request.requestId} has ended: compensated`)
    const { wouldPublish } = json(refused.stdout)
    expect(wouldPublish).toMatchObject({ orderId: request.orderId, retryOf: request.requestId })
    const again = await saga('retry', request.requestId, '--again', '--by', 'ann', '--reason', 'once more')
    expect(again.code).toBe(1)
    expect(again.stdout).toContain('it has not helped so far: it has ended: compensated (refund-refused)')
    const twice = await saga('retry', request.requestId, '--again')
    expect(twice).toMatchObject({ code: 1 })
    expect(twice.stdout).toContain('it was asked again before')
    const { requests } = await world.story(request.orderId)
    expect(requests.map(({ outcome }) => outcome)).toEqual(['compensated', 'compensated'])
    expect(requests[1]?.reason).toMatchObject({ note: 'asked again by ann: once more' })
  })

  it('of one that was asked again longer ago than Temporal remembers is not sent', async () => {
    const request = await asked('retry-long-ago', 'pay_refuse')
    expect(await request.ends()).toMatchObject({ outcome: 'compensated' })
    const before = nextRequestId(request.requestId)
    await sql`insert into requests (request_id, order_id, status, request, begun, ending, started_at, ended_at)
      select ${before}, order_id, status, request, begun, ending, started_at, ended_at from requests where request_id = ${request.requestId}`.execute(
      world.raw.order,
    )
    const again = await saga('retry', request.requestId, '--again')
    await sql`delete from requests where request_id = ${before}`.execute(world.raw.order)
    expect(again).toMatchObject({ code: 1, stderr: '' })
    expect(again.stdout).toMatch(/^not sent: .*\nnothing has changed: it was asked again before/)
  })

  it('of what did what was asked is refused: what is left of the order is not asked for by anybody', async () => {
    const request = await shop.ask(await shop.place({ name: 'retry-done' }), { lines: [{ lineId: '1', quantity: 1 }] })
    expect(await request.ends()).toMatchObject({ outcome: 'lines-cancelled' })
    const [again, many] = await Promise.all([
      saga('retry', request.requestId, '--again'),
      saga('retry', '--where', `OrderId = '${request.orderId}'`, '--again', '--yes'),
    ])
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(again.stderr).toContain('it did what was asked: lines-cancelled')
    expect(many).toMatchObject({ code: 2, stdout: '' })
    expect(many.stderr).toContain('expected --again with one request')
    expect((await world.story(request.orderId)).requests).toHaveLength(1)
  })
})

describe.concurrent('saga resolve', () => {
  it('exits 1 and says so when its step is stuck as before, and 0 when it goes on', async () => {
    const request = await parked('resolve-in-vain', 'pay_flaky_5')
    const retry = ['resolve', request.requestId, '--decision', 'retry', '--by', 'ann', '--reason', 'perhaps']
    const done = await saga(...retry)
    expect(done).toMatchObject({ code: 1, stderr: '' })
    expect(done.stdout).toContain('it has not helped so far: it needs attention again (refund, step-failed)')
    const again = await saga(...retry, '--json')
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(json(again.stdout)).toMatchObject({ accepted: true, effect: { changed: true } })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })
})

describe.concurrent('saga decide, withdraw and cancel', () => {
  const waiting = async (name: string): Promise<Request> => {
    const request = await asked(name, 'pay_ok', 'OK-1')
    await request.hears('order.cancellation.awaiting-merchant.v1')
    return request
  }

  it('decide for the merchant, keep who did it for whom, and refuse a second word', async () => {
    const request = await waiting('decided-by-hand')
    const who = ['--by', 'ann', '--on-behalf-of', 'mer-3', '--reason', 'she called at night']
    const words = ['decide', request.requestId, '--decision', 'approve', ...who]
    const preview = await saga(...words, '--dry-run')
    expect(preview).toMatchObject({ code: 0, stderr: '' })
    expect(preview.stdout).toMatch(
      /^would send approve to cancel-.*, by ann for mer-3: she called at night\nit is confirming, waits for/,
    )
    const done = await saga(...words, '--json')
    expect(json(done.stdout)).toMatchObject({ accepted: true, effect: { changed: true, outcome: 'cancelled' } })
    const { timeline } = json((await saga('show', request.requestId, '--json')).stdout)
    const kept = { decision: 'approve', by: 'ann', onBehalfOf: 'mer-3', reason: 'she called at night' }
    expect(timeline).toContainEqual(expect.objectContaining({ kind: 'update', data: kept }))
    expect(await request.hears('order.cancellation.decided.v1')).toMatchObject({ decision: 'approve', by: 'mer-3' })
    expect(JSON.stringify(request.heard())).not.toMatch(/"ann"|at night/)
    const twice = await saga(...words)
    expect(twice).toMatchObject({ code: 2, stdout: '' })
    expect(twice.stderr).toMatch(/^error: expected a request that waits for its merchant, .* has ended: cancelled/)
  })

  it('take a request back for its customer', async () => {
    const request = await waiting('withdrawn-by-hand')
    // Its code failed for a while and is right again: the run says what it waits for, whatever was told of it.
    const told = { what: 'needs-attention', stage: 'confirming', reason: 'workflow-task-failing', error: 'x' }
    const record = JSON.stringify({ ...told, since: '2026-11-28T10:00:00Z', remedies: [] })
    const at = new Date()
    const { requestId } = request
    const alarm = { request_id: requestId, key: 'attention.workflow-task-failing.run', position: 99, record, at }
    await world.raw.order.insertInto('request_records').values(alarm).execute()
    const { next } = json((await saga('show', requestId.slice(0, 13), '--json')).stdout)
    expect(next).toMatch(/^waits for the merchant's decision, until/)
    const done = await saga('withdraw', request.requestId, '--by', 'ann', '--on-behalf-of', 'cus-7')
    expect(done).toMatchObject({ code: 0 })
    expect(done.stdout).toMatch(/by ann for cus-7\nit has ended: withdrawn\n$/)
    expect(await request.ends()).toMatchObject({ outcome: 'withdrawn', by: 'cus-7' })
    expect(JSON.stringify(request.heard())).not.toContain('"ann"')
  })

  it('stop a cancellation with who and why, and not one whose money has moved', async () => {
    const request = await waiting('stopped-by-hand')
    const why = ['--by', 'ann', '--on-behalf-of', 'cus-7', '--reason', 'made to measure']
    const done = await saga('cancel', request.requestId, ...why)
    expect(done).toMatchObject({ code: 0 })
    expect(done.stdout).toContain('it has ended: withdrawn')
    expect((await saga('show', request.requestId)).stdout).toMatch(
      /cancel requested +by: ann, reason: made to measure \(for cus-7\)/,
    )
    const late = await asked('stopped-too-late', 'pay_slow_60000')
    await late.hears('refund.pending.v1')
    const refused = await saga('cancel', late.requestId, ...why)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^error: expected a request that can be stopped, money of .* has moved/)
  })
})

it('saga trigger plays the shop, and names what leads on', async () => {
  const { stdout } = await saga('trigger', 'refund-refused', '--json')
  const { requestId, next } = z.object({ requestId: z.string(), next: z.array(z.string()) }).parse(JSON.parse(stdout))
  expect(next).toContain(`saga show ${requestId}`)
  const outcome = await eventually('its end', async () => {
    const [known] = await world.databases.order.rows(
      z.object({ outcome: z.string().nullable() }),
      'select outcome from requests where request_id = $1',
      [requestId],
    )
    return known?.outcome ?? undefined
  })
  expect(outcome).toBe('compensated')
  expect((await saga('trigger', 'decide')).stderr).toMatch(/^error: expected --request <id>/)
})

describe('in bulk', () => {
  it('previews, wants to be sure, sends what is left, and reports on each', async () => {
    const requests = await Promise.all(['one', 'two', 'three'].map((name) => parked(`bulk-${name}`)))
    const many = (...more: string[]) => saga('retry', '--where', "AttentionReason = 'step-failed'", ...more)
    // Temporal's list is a moment behind.
    await eventuallyHolds(async () => {
      const preview = await many('--dry-run')
      expect(preview.code).toBe(0)
      for (const { requestId } of requests) expect(preview.stdout).toContain(requestId)
    })
    expect((await many()).stderr).toContain('error: expected --yes to send to 3 sagas')
    expect(
      (
        await saga(
          'resolve',
          '--where',
          'NeedsAttention = true',
          '--decision',
          'refund-elsewhere',
          '--by',
          'a',
          '--reason',
          'b',
          '--yes',
        )
      ).code,
    ).toBe(1)
    const sent = await many('--yes', '--json', '--by', 'ann', '--reason', 'it is back', '--rate', '20')
    expect(sent.code).toBe(0)
    expect(json(sent.stdout)).toMatchObject({ done: 3, nothingDone: 0, unsettled: 0, refused: 0 })
    for (const request of requests) expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await eventuallyHolds(async () => expect((await many('--yes')).stdout).toContain('no sagas'))
    expect((await saga('retry', '--where', 'Nonsense = 1', '--yes')).stderr).toMatch(/^error: .*Nonsense/)
  })
})

describe.concurrent('saga replay and export', () => {
  it('say that the code of today follows a saga, and give its history as a fixture', async () => {
    const request = await asked('replayed', 'pay_ok')
    await request.ends()
    await handleOf(request).result()
    const file = join(folder, 'history.json')
    const exported = await saga('export', request.requestId, '-o', file)
    expect(exported).toMatchObject({ code: 0 })
    expect(exported.stderr).toContain('as a test fixture: -o workflows/histories/cancelled-closed.json')
    const replayed = await saga('replay', request.requestId, file, '--json')
    expect(replayed.code).toBe(0)
    expect(JSON.parse(replayed.stdout)).toMatchObject([{ source: file, result: 'good' }, { result: 'good' }])
  })

  it('call an open saga incomplete', async () => {
    const request = await asked('replayed-open', 'pay_ok', 'OK-1')
    await request.hears('order.cancellation.awaiting-merchant.v1')
    const replayed = await saga('replay', request.requestId)
    expect(replayed.stdout).toContain('incomplete')
    await request.withdraw()
  })

  it('refuse in one line what is no history, and what nobody knows', async () => {
    const file = join(folder, 'cut.json')
    await writeFile(file, '{"events":[{"eventId":"1",')
    for (const each of [file, 'nobody']) {
      const refused = await saga('replay', each)
      expect(refused).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toMatch(/^error: [^\n]+\n$/)
    }
  })
})

describe('saga intake', () => {
  const readiness = async () => (await fetch(`${world.system.http.orchestrator}/readyz`)).json()
  const metric = async () => (await fetch(`${world.system.http.orchestrator}/metrics`)).text()

  it('holds new events over a kill -9 while running sagas go on, and loses and doubles nothing', async () => {
    const running = await asked('runs-meanwhile', 'pay_slow_2500')
    await running.hears('refund.pending.v1')
    expect(await saga('intake', 'pause', '--by', 'ann', '--reason', 'payment is failing')).toMatchObject({ code: 0 })
    const held = await Promise.all([1, 2, 3].map((n) => asked(`held-${n}`, 'pay_ok')))
    await held[0]?.publish()
    expect(await running.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await readiness()).toMatchObject({ status: 'ready', notes: [expect.stringContaining('payment is failing')] })
    expect(await metric()).toContain('countermand_intake_paused 1')
    const { orchestrator } = world.system.processes
    await orchestrator.kill('SIGKILL')
    await orchestrator.restart()
    const status = await saga('intake', 'status', '--json')
    expect(json(status.stdout)).toMatchObject({ paused: true, by: 'ann', held: 4 })
    expect((await saga('list')).stdout).toMatch(/^intake is paused since .* by ann: payment is failing\n/)
    expect(held.flatMap((request) => request.heard())).toEqual([])
    expect(await saga('intake', 'resume', '--by', 'ann')).toMatchObject({ code: 0 })
    for (const request of held) expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(held.map((request) => endsOf(request).length)).toEqual([1, 1, 1])
    await eventually('the metric', async () => (await metric()).includes('countermand_intake_paused 0'))
    expect((await saga('intake', 'resume')).stdout).toContain('it was so already')
  })
})

it('leaves all six invariants true', async () => {
  expect((await world.verify()).violations).toEqual([])
})
