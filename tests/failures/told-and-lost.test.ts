import type { CommandName } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { decideUpdate, withdrawnSignal, withdrawUpdate } from '@countermand/workflows/src/protocol/inputs.ts'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Mishap } from './post.ts'
import { openStage, type Play, type SagaHandle, type Stage } from './stage.ts'

/**
 * A run that is told something and then lost, at every moment of its way: it goes on with all that it was told, and ends as one
 * that was not lost. In the slow lane, where a run stands still while a command is on its way.
 */

vi.setConfig({ maxConcurrency: 16 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

type Tell = (saga: SagaHandle, play: Play) => Promise<unknown>

interface Input {
  readonly tell: Tell
  /** Whether payment is asked for the way back. */
  readonly turns: boolean
}

const inputs: Readonly<Record<string, Input>> = {
  'an approval': { tell: (saga, play) => play.decide(saga, 'approve'), turns: false },
  'a rejection': { tell: (saga, play) => play.decide(saga, 'reject'), turns: false },
  'a rejection by update': {
    tell: (saga) => saga.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'mer-3' }], updateId: 'u-1' }),
    turns: false,
  },
  'a withdrawal': {
    tell: (saga) => saga.signal(withdrawnSignal, { inputId: 'event:1', by: 'cus-7' }),
    turns: true,
  },
  'a withdrawal by update': {
    tell: (saga) =>
      saga.startUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }], updateId: 'u-1', waitForStage: 'ACCEPTED' }),
    turns: true,
  },
  Cancel: { tell: (saga) => saga.cancel(), turns: true },
}

/** Where the saga stands still: the question has not arrived, or the answer. */
const moments: readonly Mishap[] = [
  { command: 'BeginCancellation', kind: 'question-held' },
  { command: 'PauseFulfilment', kind: 'question-held' },
  { command: 'PauseFulfilment', kind: 'answer-held' },
  { command: 'StopShipment', kind: 'answer-held' },
  { command: 'RefundOrder', kind: 'question-held' },
  { command: 'RefundOrder', kind: 'answer-held' },
  { command: 'ConfirmCancellation', kind: 'question-held' },
]

const beforeTheGate: readonly CommandName[] = ['BeginCancellation', 'PauseFulfilment']

/** Waits until the run has worked off all that it was told so far. */
const hasHeard = ({ workflowId }: SagaHandle) =>
  eventuallyHolds(async () => {
    const { events = [] } = await stage.client.workflow.getHandle(workflowId).fetchHistory()
    const last = events?.findLast((event) => event.workflowTaskScheduledEventAttributes)
    const done = events?.findLast((event) => event.workflowTaskCompletedEventAttributes)
    expect(Number(done?.eventId ?? 0)).toBeGreaterThan(Number(last?.eventId ?? 0))
  })

/** What the whole came to: its end, the facts in the services, and what the public heard of that and of the input. */
const playOut = async (moment: Mishap, { tell, turns }: Input, isLost: boolean) => {
  const play = stage.open({ merchantApproval: 'always', onSilence: 'approve', deadlineMs: 600_000 }, [moment], 'slow')
  const saga = await play.start()
  if (!beforeTheGate.includes(moment.command)) await play.approve(saga)
  await eventuallyHolds(() => expect(play.post.holds(moment.command)).toBe(true))
  await tell(saga, play)
  if (isLost) await play.lose()
  await hasHeard(saga)
  if (turns) await eventuallyHolds(() => expect(play.post.asked).toContain('ForbidRefund'))
  await play.post.release()
  const { outcome, code } = await stage.client.workflow.getHandle(saga.workflowId).result()
  const told = play.post.shop.story.map((event) => event.replace(/(?<=^input-rejected).*/, ''))
  const story = told.filter((event) => event !== 'awaiting-merchant').toSorted()
  return { outcome, code, facts: play.post.shop.facts(), story }
}

describe.concurrent('a run that was told something and is lost ends as if it had not been lost', () => {
  test.each(moments.flatMap((moment) => Object.keys(inputs).map((input) => ({ ...moment, input }))))(
    '$input, lost while $command is $kind',
    async ({ input, ...moment }) => {
      const told = inputs[input] ?? expect.unreachable()
      const [asIfNot, lost] = await Promise.all([playOut(moment, told, false), playOut(moment, told, true)])
      expect(lost).toEqual(asIfNot)
    },
  )
})
