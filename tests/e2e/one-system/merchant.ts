import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@countermand/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

const deadlineMs = 2_500

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

const label = [{ number: 'OK-1' }]
/** An order of a merchant who is always asked, and a request that waits at the gate. */
const atTheGate = async (name: string, merchantId = 'mer-always') => {
  const order = await shop.place({ name, merchantId, parcels: label })
  const request = await shop.ask(order)
  const asked = await request.hears('order.cancellation.awaiting-merchant.v1')
  return { order, request, asked }
}

/** Everything is as if nobody had asked; a label that was kept back is good again. */
const expectAsBefore = async (request: Request) => {
  const { order, stock, shipments, payment } = await request.story()
  expect(order).toMatchObject({ status: 'paid', heldBy: null })
  expect(stock).toMatchObject([{ reserved: 2, aside: 0, onSale: 0 }])
  expect(shipments).toMatchObject([{ status: 'label-created', trackingNumber: 'OK-1' }])
  expect(payment.tenders).toMatchObject([{ refunded: 0 }])
  expect(payment.ledger.map(({ kind }) => kind)).toEqual(['capture'])
}

describe.concurrent("the merchant's decision", () => {
  it('is asked for in public with its deadline, and an approval lets the saga go on', async () => {
    const { order, request, asked } = await atTheGate('approve')
    expect(asked).toMatchObject({
      merchantId: 'mer-always',
      amount: 3351,
      onSilence: 'approve',
      shipments: [{ shipmentId: order.shipments[0]?.shipmentId, status: 'label-created' }],
    })
    expect(Date.parse(asked.decideBy) - Date.parse(asked.at)).toBeGreaterThan(23 * 3_600_000)
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled', stage: 'closed' })
    const decided = await request.hears('order.cancellation.decided.v1')
    expect(decided).toMatchObject({ decision: 'approve', by: 'mer-always', merchantId: 'mer-always', amount: 3351 })
    const [{ records } = expect.fail()] = (await request.story()).requests
    expect(records.map(({ record }) => record)).toMatchObject([
      { what: 'awaiting-merchant' },
      { what: 'decided', decision: 'approve', by: 'mer-always' },
    ])
  })

  it('may come as a Temporal update, which tells what came of it', async () => {
    const { request } = await atTheGate('update')
    await expect(request.update('decide', { decision: 'perhaps', by: 'mer-always' })).rejects.toThrow()
    expect(await request.update('decide', { decision: 'approve', by: 'mer-always' })).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it('when it is a no, leaves everything as before', async () => {
    const { request } = await atTheGate('reject')
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected', stage: 'confirming' })
    expect(await request.hears('order.cancellation.decided.v1')).toMatchObject({ decision: 'reject', by: 'mer-always' })
    await expectAsBefore(request)
  })

  it('that does not come is an approval where policy says so', async () => {
    const { request, asked } = await atTheGate('silence-approves', 'mer-approve')
    expect(asked.onSilence).toBe('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(Date.now()).toBeGreaterThan(Date.parse(asked.decideBy))
    const decided = await request.hears('order.cancellation.decided.v1')
    expect(decided).toMatchObject({ decision: 'approve', by: 'policy:silence' })
  })

  it('that does not come is a no where policy says so', async () => {
    const { request, asked } = await atTheGate('silence-rejects', 'mer-reject')
    expect(asked.onSilence).toBe('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-silent', stage: 'confirming' })
    await expectAsBefore(request)
  })

  it('is not asked for where policy says never, not even of a parcel that has left', async () => {
    const parcels = [{ number: 'OK-1', status: 'in-transit' }] as const
    const request = await shop.ask(await shop.place({ name: 'never', merchantId: 'mer-never', parcels }))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(request.heard().map(({ type }) => type)).not.toContain('order.cancellation.awaiting-merchant.v1')
  })

  it('that overtakes its request is kept for it', async () => {
    const request = await shop.ask(await shop.place({ name: 'early', merchantId: 'mer-always' }), {}, 'later')
    await request.decide('reject')
    await eventually('a run that waits for the request', async () => {
      const { status } = await world.temporal.client.workflow
        .getHandle(request.workflowId)
        .describe()
        .catch(() => ({ status: undefined }))
      return status?.name === 'RUNNING'
    })
    await request.publish()
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
  })

  it('that overtakes the gate is kept for it', async () => {
    const request = await shop.ask(await shop.place({ name: 'ahead', merchantId: 'mer-always' }))
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
  })

  it('that comes a second time changes nothing, and the public hears so', async () => {
    const { request } = await atTheGate('twice')
    await request.decide('approve')
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await request.hears('order.cancellation.input-rejected.v1')).toMatchObject({
      ...{ requestId: request.requestId, orderId: request.orderId, input: 'decide' },
      code: expect.stringMatching(/^(already-decided|too-late)$/),
    })
  })

  it('that Kafka delivers again is the same one, also after the end', async () => {
    const { request } = await atTheGate('again')
    const { orderId, requestId } = request
    const deliver = (id: string) =>
      world.outside.publish(
        'order.cancel.decided.v1',
        orderId,
        { requestId, orderId, decision: 'approve', by: 'mer-always' },
        id,
      )
    await deliver(`first-${requestId}`)
    await deliver(`first-${requestId}`)
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await world.temporal.client.workflow.getHandle(request.workflowId).result()
    await deliver(`first-${requestId}`)
    // Behind it, another one, which does come too late.
    await deliver(`second-${requestId}`)
    await request.hears('order.cancellation.input-rejected.v1')
    expect(request.heard().filter(({ type }) => type === 'order.cancellation.input-rejected.v1')).toHaveLength(1)
  })

  it('that comes after the deadline changes nothing, by its own time', async () => {
    const { request, asked } = await atTheGate('late', 'mer-reject')
    await sleep(Date.parse(asked.decideBy) - Date.now() + deadlineMs / 10)
    await request.decide('approve')
    const said = await request.hears('order.cancellation.input-rejected.v1')
    expect(said).toMatchObject({ input: 'decide', code: 'too-late' })
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-silent' })
  })

  it('that comes after the end changes nothing, also as an update', async () => {
    const request = await shop.ask(await shop.place({ name: 'over' }))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    const { workflow } = world.temporal.client
    await workflow.getHandle(request.workflowId).result()
    await request.decide('reject')
    expect(await request.hears('order.cancellation.input-rejected.v1')).toMatchObject({ code: 'too-late' })
    await expect(request.update('decide', { decision: 'reject', by: 'mer-3' })).rejects.toThrow()
    expect((await request.story()).order).toMatchObject({ status: 'cancelled' })
  })

  it('about a request that does not come is told to be about an unknown one; it counts when both come after all', async () => {
    const order = await shop.place({ name: 'unknown', merchantId: 'mer-always', parcels: label })
    const request = await shop.ask(order, {}, 'later')
    await request.decide('reject')
    const run = world.temporal.client.workflow.getHandle(request.workflowId)
    expect(await request.hears('order.cancellation.input-rejected.v1')).toMatchObject({ code: 'unknown-request' })
    expect(await run.result()).toMatchObject({ rejected: 'unknown-request' })
    const shown = await world.saga('show', request.requestId)
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('no request of this id came') })
    expect(endsOf(request)).toEqual([])
    expect((await world.story(request.orderId)).order).toMatchObject({ status: 'paid' })

    await request.publish()
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
    await expectAsBefore(request)
  })
})

describe.concurrent('a withdrawal', () => {
  it('at the gate takes the request back, and everything is as before', async () => {
    const { request } = await atTheGate('withdrawn')
    await request.withdraw('cus-7')
    expect(await request.ends()).toMatchObject({ outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' })
    await expectAsBefore(request)
  })

  it('may come as a Temporal update, which answers when payment has decided', async () => {
    const { request } = await atTheGate('withdrawn-by-update')
    expect(await request.update('withdraw', { by: 'cus-7' })).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({ outcome: 'withdrawn' })
    await expectAsBefore(request)
  })

  it('that overtakes its request ends it when it comes', async () => {
    const order = await shop.place({ name: 'withdrawn-early', parcels: label })
    const request = await shop.ask(order, {}, 'later')
    await request.withdraw()
    await request.publish()
    expect(await request.ends()).toMatchObject({ outcome: 'withdrawn' })
    await expectAsBefore(request)
    expect(request.heard().map(({ type }) => type)).not.toContain('order.cancellation.started.v1')
  })

  it('after the pivot comes too late: the saga goes on, and whoever asked is told', async () => {
    const order = await shop.place({ name: 'withdrawn-late', tenders: [{ ref: 'pay_slow_20000' }] })
    const request = await shop.ask(order)
    await request.hears('refund.pending.v1')
    await request.withdraw()
    expect(await request.hears('order.cancellation.input-rejected.v1')).toMatchObject({
      ...{ input: 'withdraw', code: 'too-late' },
    })
    expect(await request.update('withdraw', { by: 'cus-7' })).toMatchObject({ accepted: false, code: 'too-late' })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it('at any moment ends the request or comes too late, and nothing in between', async () => {
    const races = Array.from({ length: 10 }, async (_, place) => {
      const order = await shop.place({ name: `race-${place}`, parcels: label })
      const request = await shop.ask(order)
      await sleep(place * 35)
      await request.withdraw()
      const { outcome } = await request.ends()
      if (outcome === 'cancelled')
        expect(await request.hears('order.cancellation.input-rejected.v1')).toMatchObject({ code: 'too-late' })
      return outcome
    })
    const outcomes = new Set(await Promise.all(races))
    expect([...outcomes].every((outcome) => outcome === 'withdrawn' || outcome === 'cancelled')).toBe(true)
  })
})

describe.concurrent("Temporal's Cancel", () => {
  it('before the pivot undoes', async () => {
    const { request } = await atTheGate('operator-before')
    await world.temporal.client.workflow.getHandle(request.workflowId).cancel()
    expect(await request.ends()).toMatchObject({ outcome: 'withdrawn', by: 'operator' })
    await expectAsBefore(request)
  })

  it('after the pivot finishes', async () => {
    const order = await shop.place({ name: 'operator-after', tenders: [{ ref: 'pay_slow_1500' }] })
    const request = await shop.ask(order)
    await request.hears('refund.pending.v1')
    await world.temporal.client.workflow.getHandle(request.workflowId).cancel()
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
