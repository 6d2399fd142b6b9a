import { sagaId } from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import { beginAsAnotherVersion } from '@countermand/tools/saga/drill/another-version.ts'
import { requestOf } from '@countermand/tools/shop/scenarios.ts'
import type { Wish } from '@countermand/tools/shop/wish.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from './shop.ts'
import { startWorld, type World } from './world.ts'

const merchants = { 'mer-always': { MERCHANT_APPROVAL: 'always' } }
const patienceMs = 3_000

let world: World
let shop: Shop
beforeAll(async () => {
  const fast = { STEP_ATTEMPTS: '4', UNDO_ATTEMPTS: '3', STEP_BACKOFF: '50ms', INTERCEPT_PATIENCE: `${patienceMs}ms` }
  world = await startWorld(inject('stack'), { ...fast, MERCHANT_APPROVAL: 'never' }, merchants)
  shop = openShop(world)
})
afterAll(async () => {
  await world?.stop()
})

const cancel = async (wish: Wish): Promise<Request> => shop.ask(await shop.place(wish))
const onItsWay = (number: string) => [{ number, status: 'in-transit' }] as const
const parked = (request: Request) => request.hears('order.cancellation.needs-attention.v1')

/** Each command is a process of its own, which a busy machine takes seconds to start. */
const commandsMs = 120_000
const byHand = ['--by', 'ana', '--reason', 'called the carrier'] as const
const resolve = (request: Request, ...args: readonly string[]) =>
  world.saga('resolve', request.requestId, ...byHand, '--decision', ...args)

const listed = z.array(z.looseObject({ requestId: z.string() }))

const inAttentionList = async ({ requestId }: Request) =>
  (await listRuns(world.temporal, { attention: true })).find((run) => run.requestId === requestId)

describe.concurrent('an undo that fails', { timeout: commandsMs }, () => {
  it('parks the saga, which is found, explains itself, and goes on by the command that it names', async () => {
    const request = await cancel({
      name: 'noresume',
      tenders: [{ ref: 'pay_refuse' }],
      parcels: [{ number: 'NORESUME-1' }],
    })
    expect(await parked(request)).toMatchObject({
      stage: 'undoing',
      attention: { reason: 'undo-failed', error: 'what was done could not all be taken back' },
    })
    const entry = await eventually('the saga in the list', () => inAttentionList(request))
    expect(entry).toMatchObject({ stage: 'undoing', outcome: undefined, attentionReason: 'undo-failed' })
    const { next } = await request.story()
    expect(next).toContain(`npm run saga -- resolve ${request.requestId} --decision retry`)

    expect(await resolve(request, 'undo')).toMatchObject({
      ...{ code: 2, stdout: '', stderr: 'error: expected one of retry, skip for stop-parcels, got undo\n' },
    })
    const planned = await resolve(request, 'retry', '--dry-run', '--json')
    expect(JSON.parse(planned.stdout)).toMatchObject({
      ...{ requestId: request.requestId, orderId: request.orderId, dryRun: true, accepted: false },
      parked: { step: 'stop-parcels', direction: 'undo', round: 1 },
      done: expect.arrayContaining(['undo set-stock-aside: StockReservedAgain', 'do refund: RefundRefused']),
    })
    expect(endsOf(request)).toEqual([])

    expect(await resolve(request, 'retry')).toMatchObject({ code: 0, stderr: '' })
    expect(await request.ends()).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
    const { order, shipments, requests } = await request.story()
    expect(order).toMatchObject({ status: 'paid', heldBy: null })
    expect(shipments).toMatchObject([{ trackingNumber: 'NORESUME-1-N1', stops: [{ state: 'resumed' }] }])
    expect(requests[0]?.records.map(({ record }) => record)).toContainEqual(
      expect.objectContaining({ what: 'resolved', decision: 'retry', by: 'ana', reason: 'called the carrier' }),
    )
  })

  it('may be skipped, with a reason that is kept', async () => {
    const request = await cancel({
      name: 'skipped',
      tenders: [{ ref: 'pay_refuse' }],
      parcels: onItsWay('NORESUME-2'),
    })
    await parked(request)
    expect(await request.resolve('skip')).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({ outcome: 'compensated' })
  })
})

describe.concurrent('the command line', { timeout: commandsMs }, () => {
  it('says in one line why nothing can be resolved, and exits 2', async () => {
    const unknown = await world.saga('resolve', 'nobody', ...byHand, '--decision', 'retry')
    expect(unknown).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: expected a request that a service or Temporal has heard of, .*, got nobody\n$/,
      ),
    })
    const order = await shop.place({ name: 'waiting', merchantId: 'mer-always' })
    const request = await shop.ask(order)
    await request.hears('order.cancellation.awaiting-merchant.v1')
    expect(await resolve(request, 'retry')).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringMatching(
        /^error: expected a saga that needs attention, .* waits for the merchant's decision.*\n$/,
      ),
    })
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused' })
    expect((await resolve(request, 'retry')).stderr).toContain('has ended: refused')
  })

  it('lists with --attention also runs whose workflow task keeps failing', async () => {
    const [orderId, requestId] = ['ord-failing', 'req-failing']
    const workflowId = sagaId(orderId, requestId)
    const { client } = world.temporal
    const at = new Date().toISOString()
    await beginAsAnotherVersion(world.temporal, requestOf(orderId, requestId, at), workflowId)
    const failing = await eventually(
      'the run in the list',
      async () => {
        const { stdout } = await world.saga('list', '--attention', '--order', orderId, '--json')
        const found = listed.parse(JSON.parse(stdout))
        return found.length > 0 && found
      },
      40_000,
    )
    expect(failing).toMatchObject([{ requestId, needsAttention: true, attentionReason: 'workflow-task-failing' }])
    const { namespace } = client.options
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } })
    await eventually(
      'the run to be gone',
      async () => (await listRuns(world.temporal, { order: orderId })).length === 0,
    )
  })
})

describe.concurrent('a carrier', () => {
  it('that is down parks the saga; a retry goes on with the same work', async () => {
    const request = await cancel({ name: 'down', parcels: onItsWay('DOWN-1') })
    expect((await parked(request)).attention).toMatchObject({
      reason: 'step-failed',
      remedies: ['retry', 'skip', 'undo'],
    })
    expect(await request.resolve('retry')).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect((await request.story()).shipments).toMatchObject([{ status: 'returning' }])
  })

  it('that is down: a person turns the saga back', async () => {
    const request = await cancel({ name: 'down-undo', parcels: onItsWay('DOWN-2') })
    await parked(request)
    expect(await request.resolve('undo')).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({
      ...{ outcome: 'compensated', code: 'turned-back-by-operator', by: 'operator' },
    })
    expect(JSON.stringify(request.heard())).not.toMatch(/op-1|as the test wants it/)
    const { order, stock, shipments } = await request.story()
    expect(order).toMatchObject({ status: 'shipped' })
    expect(stock).toMatchObject([{ shipped: 2 }])
    expect(shipments).toMatchObject([{ status: 'in-transit' }])
  })

  it('that is never heard of again is a no after INTERCEPT_PATIENCE, and the parcel goes on', async () => {
    const asked = Date.now()
    const request = await cancel({ name: 'silent', parcels: onItsWay('SILENT-1') })
    expect(await request.ends()).toMatchObject({ outcome: 'compensated', code: 'intercept-failed' })
    expect(Date.now() - asked).toBeGreaterThan(patienceMs)
    const { shipments, stock } = await request.story()
    expect(shipments).toMatchObject([{ status: 'in-transit', stops: [{ state: 'resumed' }] }])
    expect(stock).toMatchObject([{ shipped: 2 }])
  })

  it('that answers in time stops the parcel; one that answers after it was given up does not', async () => {
    const [early, late] = await Promise.all([
      cancel({ name: 'late-400', parcels: onItsWay('LATE-400') }),
      cancel({ name: 'late-4500', parcels: onItsWay('LATE-4500') }),
    ])
    expect(await early.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await late.ends()).toMatchObject({ outcome: 'compensated', code: 'intercept-failed' })
    expect((await late.story()).shipments).toMatchObject([{ status: 'in-transit', stops: [{ state: 'resumed' }] }])
  })

  it('that fails for a while is asked again', async () => {
    const request = await cancel({ name: 'flaky', parcels: onItsWay('FLAKY-2') })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it('that refuses one of several parcels: the others are on their way again, as before', async () => {
    const wish: Wish = {
      name: 'several',
      parcels: [{ number: 'OK-1' }, ...onItsWay('SLOW-200'), ...onItsWay('REFUSE-1')],
    }
    const request = await cancel(wish)
    expect(await request.ends()).toMatchObject({
      outcome: 'compensated',
      code: 'intercept-failed',
      stage: 'confirming',
    })
    expect((await request.story()).shipments).toMatchObject([
      { status: 'label-created', trackingNumber: 'OK-1-N1', stops: [{ state: 'resumed' }] },
      { status: 'in-transit', trackingNumber: 'SLOW-200', stops: [{ state: 'resumed' }] },
      { status: 'in-transit', trackingNumber: 'REFUSE-1', stops: [{ state: 'left-as-is' }] },
    ])
  })
})

describe.concurrent('facts that arrive during a hold', () => {
  it('count when it is released: a parcel that was delivered meanwhile', async () => {
    const order = await shop.place({ name: 'delivered', merchantId: 'mer-always', parcels: onItsWay('OK-1') })
    const request = await shop.ask(order)
    await request.hears('order.cancellation.awaiting-merchant.v1')
    await shop.track(order, 0, 'delivered', 'OK-1')
    await eventually(
      'logistics to know',
      async () => (await world.story(order.orderId)).shipments[0]?.status === 'delivered',
    )
    expect((await world.story(order.orderId)).order).toMatchObject({ status: 'on-hold' })
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'compensated', code: 'intercept-failed' })
    await eventually('the order to be delivered', async () => (await request.story()).order?.status === 'delivered')
  })

  it('count when it is released: a parcel that left while its label was kept back', async () => {
    const order = await shop.place({ name: 'left', merchantId: 'mer-always', parcels: [{ number: 'OK-2' }] })
    const request = await shop.ask(order)
    await request.hears('order.cancellation.awaiting-merchant.v1')
    await shop.track(order, 0, 'handed-over', 'OK-2')
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
    const settled = await eventually('the parcel to be on its way', async () => {
      const story = await request.story()
      return story.order?.status === 'shipped' && story.stock[0]?.shipped === 2 && story
    })
    expect(settled.order).toMatchObject({ heldBy: null })
  })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
