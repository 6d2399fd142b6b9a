import { randomUUID } from 'node:crypto'
import type { CommandName } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { type StepLane, statusQuery } from '@countermand/workflows/src/protocol/inputs.ts'
import type { Workflows } from '@countermand/workflows/src/protocol/workflows.ts'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { asBefore, complete, roadBack } from './cells.ts'
import type { ShopOptions } from './shop.ts'
import { openStage, type Play, type SagaHandle, type Stage } from './stage.ts'

/**
 * A run that forgets what it did: terminated and started again, or reset. The services remember. In the slow lane, where a run stops
 * where it is terminated; in the fast one it may go on for the rest of its workflow task, beside the next run.
 */

vi.setConfig({ maxConcurrency: 16 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

const beforeThePivot = ['BeginCancellation', 'StopShipment', 'SetStockAside'] as const
const fromThePivotOn = ['RefundOrder', 'ReturnStockToSale'] as const
const ends = ({ post }: Play) =>
  post.shop.story.filter((event) => /^(completed|refused|withdrawn|compensated)/.test(event))
const comesTo = (play: Play, command: CommandName) => eventuallyHolds(() => expect(play.post.holds(command)).toBe(true))

/** A saga whose run is gone right after a service has done what it was asked, before it heard so; then a run of its own id. */
const lostAfter = async (
  lost: CommandName,
  stopsAt?: CommandName,
  options: Omit<ShopOptions, 'orderId'> = {},
  lane: StepLane = 'slow',
): Promise<{ play: Play; again: SagaHandle }> => {
  const play = stage.open(
    options,
    [
      { command: lost, kind: 'answer-held' },
      ...(stopsAt === undefined ? [] : [{ command: stopsAt, kind: 'question-held' } as const]),
    ],
    lane,
  )
  const first = await play.start()
  await comesTo(play, lost)
  await first.terminate('the test loses it')
  await play.post.release(lost)
  const again = await play.start()
  if (stopsAt !== undefined) await comesTo(play, stopsAt)
  return { play, again }
}

const finished = ({ post }: Play) => {
  expect(post.shop.facts()).toEqual(complete)
  expect(post.shop.story).toEqual(['started', 'completed cancelled'])
  expect(post.asked.filter((command) => command.endsWith(' 2'))).toEqual([])
}

describe.concurrent('a run that was lost', () => {
  const lanes: readonly StepLane[] = ['slow', 'adaptive']
  const moments = [...beforeThePivot, ...fromThePivotOn, 'ConfirmCancellation'] as const
  test.each(lanes.flatMap((lane) => moments.map((command) => ({ lane, command }))))(
    'after $command, $lane lane: the next one finishes, and nothing is done twice',
    async ({ lane, command }) => {
      const { play, again } = await lostAfter(command, undefined, {}, lane)
      expect((await again.result()).outcome).toBe('cancelled')
      finished(play)
    },
  )

  test.each(beforeThePivot)(
    'after %s: a withdrawal takes back also what the next run has not seen',
    async (command) => {
      const { play, again } = await lostAfter(command, 'RefundOrder')
      expect(await play.withdraw(again)).toEqual({ accepted: true })
      expect((await again.result()).outcome).toBe('withdrawn')
      await play.post.release()
      expect(play.post.shop.facts()).toEqual(asBefore)
      expect(ends(play)).toEqual(['withdrawn'])
    },
  )

  test.each(['StopShipment', 'SetStockAside', 'RefundOrder'] as const)(
    'after %s: a Cancel before the next run has asked for anything trusts no memory',
    async (command) => {
      const play = stage.open({}, [{ command, kind: 'answer-held' }], 'slow')
      const first = await play.start()
      await comesTo(play, command)
      await first.terminate('the test loses it')
      const again = await play.start()
      await again.cancel()
      await play.post.release()
      const moved = command === 'RefundOrder'
      expect((await again.result()).outcome).toBe(moved ? 'cancelled' : 'withdrawn')
      expect(play.post.shop.facts()).toEqual(moved ? complete : asBefore)
      expect(ends(play)).toEqual([moved ? 'completed cancelled' : 'withdrawn'])
    },
  )

  test.each(fromThePivotOn)('after %s: a withdrawal is too late, and the next run finishes', async (command) => {
    const { play, again } = await lostAfter(command, 'ConfirmCancellation')
    expect(await play.withdraw(again)).toMatchObject({ accepted: false, code: 'too-late' })
    await play.post.release()
    expect((await again.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toEqual(complete)
  })

  test.each(roadBack)('while undoing, after %s: the next one goes on undoing, to the same end', async (command) => {
    const { play, again } = await lostAfter(command as CommandName, undefined, { bank: 'refuses' })
    expect((await again.result()).outcome).toBe('compensated')
    expect(play.post.shop.facts()).toEqual(asBefore)
    // Why it turned back is recorded once payment has let it: a run lost before that only knows that it did.
    expect(ends(play)).toEqual([command === 'ForbidRefund' ? 'compensated' : 'compensated refund-refused'])
  })

  test('after the merchant approved: the next one does not ask again', async () => {
    const play = stage.open({ merchantApproval: 'always', deadlineMs: 600_000 }, [
      { command: 'StopShipment', kind: 'answer-held' },
    ])
    const first = await play.start()
    await play.approve(first)
    await comesTo(play, 'StopShipment')
    await first.terminate('the test loses it')
    const again = await play.start()
    await play.post.release()
    expect((await again.result()).outcome).toBe('cancelled')
    expect(play.post.shop.story).toEqual(['started', 'awaiting-merchant', 'decided approve', 'completed cancelled'])
  })

  test('while it is parked: a decision of its operator holds, and its round', async () => {
    const play = stage.open({}, [
      { command: 'StopShipment', kind: 'fails' },
      { command: 'RefundOrder', kind: 'question-held' },
    ])
    const first = await play.start()
    await play.parks(first, 'step-failed', ['retry', 'skip', 'undo'])
    expect(await play.resolve(first, 'retry')).toEqual({ accepted: true })
    await comesTo(play, 'RefundOrder')
    await first.terminate('the test loses it')
    const again = await play.start()
    await comesTo(play, 'RefundOrder')
    await play.post.release()
    expect((await again.result()).outcome).toBe('cancelled')
    expect(play.post.shop.story).toEqual(['started', 'needs-attention', 'resumed', 'completed cancelled'])
    expect(play.post.shop.facts()).toEqual(complete)
  })

  test.each(['question-held', 'answer-held'] as const)(
    'while a decision is being told (%s): the next one tells it again, and asks for nothing that it lets go',
    async (kind) => {
      const play = stage.open({}, [
        { command: 'RefundOrder', kind: 'fails' },
        { command: 'CloseRound', kind },
        { command: 'ConfirmCancellation', kind: 'question-held' },
      ])
      const first = await play.start()
      await play.parks(first, 'step-failed', ['retry', 'skip', 'refund-elsewhere', 'undo'])
      expect(await play.resolve(first, 'skip')).toEqual({ accepted: true })
      await comesTo(play, 'CloseRound')
      await first.terminate('the test loses it')
      const again = await play.start()
      await play.post.release('CloseRound')
      await comesTo(play, 'ConfirmCancellation')
      await play.post.release()
      expect((await again.result()).outcome).toBe('cancelled')
      expect(play.post.shop.story).toEqual(['started', 'needs-attention', 'resumed', 'completed cancelled'])
      expect(play.post.shop.facts()).toEqual({ ...complete, refunded: 0, atTheBank: 0 })
      expect(play.post.asked).not.toContain('RefundOrder 2')
    },
  )
})

test("a step's second round is taken back in that round, also by a run that has not seen the first", async () => {
  const play = stage.open({ bank: 'refuses' }, [
    { command: 'StopShipment', kind: 'fails' },
    { command: 'ReserveAgain', kind: 'answer-held' },
  ])
  const first = await play.start()
  await play.parks(first, 'step-failed', ['retry', 'skip', 'undo'])
  await play.resolve(first, 'retry')
  await comesTo(play, 'ReserveAgain')
  expect(play.post.shop.facts().parcel).toBe('label-voided')
  await first.terminate('the test loses it')
  const again = await play.start()
  await play.post.release()
  expect((await again.result()).outcome).toBe('compensated')
  expect(play.post.asked).toContain('ResumeShipment 2')
  expect(play.post.asked).not.toContain('ResumeShipment')
  expect(play.post.shop.facts()).toEqual(asBefore)
})

const taskCompletions = async (saga: SagaHandle) => {
  const { events } = await saga.fetchHistory()
  return (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: completed }) =>
    completed == null || eventId == null ? [] : [eventId],
  )
}

type EventId = Awaited<ReturnType<typeof taskCompletions>>[number] | undefined

/** As an operator does in the Temporal UI. */
const reset = async ({ workflowId }: SagaHandle, workflowTaskFinishEventId: EventId): Promise<void> => {
  if (workflowTaskFinishEventId === undefined)
    throw new Error(`expected ${workflowId} to have a workflow task, got none`)
  await stage.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    reason: 'the test wants to know',
    workflowTaskFinishEventId,
    requestId: randomUUID(),
  })
}

describe.concurrent('a reset', () => {
  test.each([0, 1, 2, 3, 4, 5])(
    'to workflow task %i of a run that is about to close the order: it finishes',
    async (place) => {
      const play = stage.open({}, [{ command: 'ConfirmCancellation', kind: 'question-held' }], 'slow')
      const saga = await play.start()
      await comesTo(play, 'ConfirmCancellation')
      const completions = await taskCompletions(saga)
      await reset(saga, completions[Math.min(place, completions.length - 1)])
      await play.post.release()
      const { outcome } = await stage.client.workflow.getHandle(saga.workflowId).result()
      expect(outcome).toBe('cancelled')
      finished(play)
    },
  )

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'to workflow task %i of a run whose refund a person has settled, which payment has not heard: what it pays then is told, and never twice in silence',
    async (place) => {
      const play = stage.open(
        {},
        [
          { command: 'RefundOrder', kind: 'fails', times: 1 },
          { command: 'CloseRound', kind: 'fails', times: 1 },
        ],
        'slow',
      )
      const saga = await play.start()
      await play.parks(saga, 'step-failed', ['retry', 'skip', 'refund-elsewhere', 'undo'])
      expect(await play.resolve(saga, 'skip')).toEqual({ accepted: true })
      await play.parks(saga, 'step-failed', ['retry'])
      const completions = await taskCompletions(saga)
      await reset(saga, completions[Math.min(place, completions.length - 1)])
      const run = stage.client.workflow.getHandle<Workflows['cancelOrder']>(saga.workflowId)
      await eventuallyHolds(async () => {
        if ((await run.query(statusQuery)).attention?.remedies.join() === 'retry') await play.resolve(run, 'retry')
        expect((await run.describe()).status.name).toBe('COMPLETED')
      })
      const { refunded } = play.post.shop.facts()
      expect(play.post.shop.facts()).toEqual({ ...complete, refunded, atTheBank: refunded })
      expect(play.post.shop.afterClosing).toEqual(refunded === 0 ? [] : ['twice'])
      expect(play.post.asked.filter((command) => command.startsWith('CloseRound'))).not.toEqual([])
    },
  )

  test('of a run that has ended comes to the same end', async () => {
    const play = stage.open({}, [])
    const saga = await play.start()
    await saga.result()
    await reset(saga, (await taskCompletions(saga))[0])
    const { outcome } = await stage.client.workflow.getHandle(saga.workflowId).result()
    expect(outcome).toBe('cancelled')
    finished(play)
  })
})
