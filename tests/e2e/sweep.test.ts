import { eventually } from '@countermand/testing'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { endsOf, openShop, type Request, type Shop } from './shop.ts'
import { startWorld, type World } from './world.ts'

let world: World
let shop: Shop
beforeAll(async () => {
  world = await startWorld(inject('stack'), { SWEEP_INTERVAL: '1s', STEP_ATTEMPTS: '2', STEP_BACKOFF: '50ms' })
  shop = openShop(world)
})
afterAll(async () => {
  await world?.stop()
})

const handleOf = ({ workflowId }: Request) => world.temporal.client.workflow.getHandle(workflowId)

/** A new run, which is not the one that was taken away. */
const runsAgain = (request: Request, runId: string) =>
  eventually(
    `another run of ${request.workflowId}`,
    async () => {
      const run = await handleOf(request)
        .describe()
        .catch(() => undefined)
      return run?.status.name === 'RUNNING' && run.runId !== runId ? run : undefined
    },
    15_000,
  )

const terminate = async (request: Request): Promise<string> => {
  const { runId } = await handleOf(request).describe()
  await handleOf(request).terminate('to see what becomes of its hold')
  return runId
}

const typesOf = (request: Request): string[] => request.heard().map(({ type }) => type)
const times = (request: Request, type: string): number => typesOf(request).filter((each) => each === type).length

/** Everything was told once, and done once. */
const expectOnce = async (request: Request) => {
  const types = typesOf(request)
  expect(types).toEqual([...new Set(types)])
  expect(endsOf(request)).toHaveLength(1)
  const { payment } = await request.story()
  expect(payment.ledger.map(({ kind }) => kind)).toEqual(['capture', 'refund'])
}

const sent = [{ number: 'OK-1', status: 'in-transit' }] as const
const atTheGate = async (name: string, number = 'OK-1'): Promise<Request> => {
  const request = await shop.ask(await shop.place({ name, parcels: [{ number, status: 'in-transit' }] }))
  await request.hears('order.cancellation.awaiting-merchant.v1')
  return request
}

/** Puts another run in the place of a saga's, in one step. */
const replaceBy = async (request: Request, workflowType: string, args: unknown[]): Promise<string> => {
  const { firstExecutionRunId } = await world.temporal.client.workflow.start(workflowType, {
    workflowId: request.workflowId,
    taskQueue: 'cancellations',
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    // A worker tells the server of the first failure only; further attempts just time out.
    workflowTaskTimeout: '1s',
    args,
  })
  return firstExecutionRunId
}

describe.concurrent('an order on hold without an open saga: the sweep starts the saga again, and it', () => {
  it('goes on waiting for the merchant, and asks nothing twice', async () => {
    const request = await atTheGate('terminated-at-the-gate')
    await runsAgain(request, await terminate(request))
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await expectOnce(request)
  })

  it('has not forgotten what it was told before it was lost: a merchant who said no has said no', async () => {
    const request = await atTheGate('told-before')
    // A run that no code can walk hears the merchant, and cannot act on it.
    const runId = await replaceBy(request, 'cancelOrderOfAnotherVersion', [])
    await request.decide('reject')
    await eventually('the decision in its history', async () => {
      const { events } = await handleOf(request).fetchHistory()
      return events?.some((event) => event.workflowExecutionSignaledEventAttributes)
    })
    await handleOf(request).terminate('as the runbook says')
    await runsAgain(request, runId)
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
    expect(times(request, 'order.cancellation.input-rejected.v1')).toBe(0)
  })

  it('uses the decision that was recorded before', async () => {
    const request = await atTheGate('decided-before', 'SLOW-5000')
    await request.decide('approve')
    await eventually('the carrier to be asked', async () => {
      const { timeline } = await request.story()
      return timeline.find(({ name }) => name === 'StopShipment')
    })
    await runsAgain(request, await terminate(request))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await expectOnce(request)
  })

  it('hears what was decided while it was gone', async () => {
    const request = await atTheGate('decided-meanwhile')
    await terminate(request)
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(times(request, 'order.cancellation.input-rejected.v1')).toBe(0)
    await expectOnce(request)
  })

  it('is parked again where it was, and says so once', async () => {
    const request = await shop.ask(await shop.place({ name: 'terminated-parked', tenders: [{ ref: 'pay_down' }] }))
    await request.hears('order.cancellation.needs-attention.v1')
    await runsAgain(request, await terminate(request))
    await eventually('to be parked again', () => request.resolve('retry').then(Boolean, () => undefined))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(times(request, 'order.cancellation.needs-attention.v1')).toBe(1)
    expect(endsOf(request)).toHaveLength(1)
  })

  it('waits for the refund that is under way, and refunds nothing twice', async () => {
    const request = await shop.ask(
      await shop.place({ name: 'terminated-refunding', tenders: [{ ref: 'pay_slow_4000' }] }),
    )
    await request.hears('refund.pending.v1')
    await runsAgain(request, await terminate(request))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await expectOnce(request)
  })

  it('is started also when its history is gone, and with it the schedule of the sweep', async () => {
    const request = await atTheGate('history-deleted')
    const { runId } = await handleOf(request).describe()
    await world.temporal.client.workflowService.deleteWorkflowExecution({
      namespace: world.temporal.client.options.namespace,
      workflowExecution: { workflowId: request.workflowId },
    })
    await world.temporal.client.schedule.getHandle('sweep-holds').delete()
    await runsAgain(request, runId)
    await request.decide('reject')
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
    expect(endsOf(request)).toHaveLength(1)
  })

  it('is started also when a run of its id has completed', async () => {
    const request = await atTheGate('completed-with-its-hold')
    await runsAgain(request, await replaceBy(request, 'sweepHolds', [{ minAgeMs: 86_400_000 }]))
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await expectOnce(request)
  })

  it('is left alone while its workflow task keeps failing, which is told once', async () => {
    const request = await shop.ask(await shop.place({ name: 'task-failing', parcels: sent }))
    await request.hears('order.cancellation.awaiting-merchant.v1')
    const runId = await replaceBy(request, 'cancelOrderOfAnotherVersion', [])
    const { attention } = await request.hears('order.cancellation.needs-attention.v1')
    expect(attention).toMatchObject({ reason: 'workflow-task-failing', remedies: [] })
    expect(attention.error).not.toContain('cancelOrderOfAnotherVersion')
    const told = await world.raw.order
      .selectFrom('request_records')
      .select('record')
      .where('request_id', '=', request.requestId)
      .execute()
    expect(JSON.stringify(told)).toContain('cancelOrderOfAnotherVersion')
    await handleOf(request).terminate()
    await runsAgain(request, runId)
    const { because } = await request.hears('order.cancellation.resumed.v1')
    expect(because).toBe('recovered')
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(times(request, 'order.cancellation.needs-attention.v1')).toBe(1)
    expect(times(request, 'order.cancellation.resumed.v1')).toBe(1)
  })
})

it('leaves all six invariants true', async () => {
  expect((await world.verify()).violations).toEqual([])
})
