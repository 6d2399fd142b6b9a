import type { Remedy } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import type { SagaResult, StepLane } from '@countermand/workflows/src/protocol/inputs.ts'
import { expect } from 'vitest'
import type { Attention, Cell } from './cells.ts'
import type { Mishap } from './post.ts'
import type { ShopOptions } from './shop.ts'
import type { Play, SagaHandle, Stage } from './stage.ts'
import { stepOf } from './steps.ts'

/** Plays a cell of the failure table: makes the failure happen, does what follows, and says what it came to. */

const mishapsOf = ({ step, failure, sequel }: Cell): Mishap[] => {
  const { command } = stepOf(step)
  const again = sequel.by === 'asking-again'
  switch (failure) {
    case 'refused':
      return []
    case 'done':
      return [again ? { command, kind: 'answer-lost', times: 2 } : { command, kind: 'answer-held' }]
    case 'not-done':
      return [again ? { command, kind: 'question-lost', times: 2 } : { command, kind: 'question-held' }]
    case 'fails':
      // The carrier is really down, its service tells.
      return step === 'stop' ? [] : [{ command, kind: 'fails' }]
    case 'unreadable':
      return [{ command, kind: 'unreadable' }]
    case 'channel-down':
    case 'channel-silent':
      return []
  }
}

const undoMishapsOf = ({ step, sequel }: Cell): Mishap[] => {
  const { undo: command } = stepOf(step)
  if (!('undo' in sequel) || command === undefined || sequel.undo === 'works') return []
  if (sequel.undo !== 'fails-a-while') return [{ command, kind: 'fails' }]
  return [
    { command, kind: 'question-lost', times: 1 },
    { command, kind: 'answer-lost', times: 1 },
  ]
}

const shopFor = ({ step, failure }: Cell): Omit<ShopOptions, 'orderId'> => ({
  ...(step === 'pause' ? { merchantApproval: 'always', deadlineMs: 600_000 } : {}),
  ...(failure === 'refused' && step === 'hold' ? { windowMs: 60_000 } : {}),
  ...(failure === 'refused' && step === 'stop' ? { carrier: 'REFUSE' } : {}),
  ...(failure === 'fails' && step === 'stop' ? { carrier: 'DOWN' } : {}),
  ...(failure === 'refused' && step === 'stock' ? { reserved: false } : {}),
  ...(failure === 'refused' && step === 'refund' ? { bank: 'refuses' } : {}),
  ...(step === 'release' ? { holds: true } : {}),
  ...(failure === 'channel-down' ? { bank: 'down' } : {}),
  ...(failure === 'channel-silent' ? { bank: 'silent' } : {}),
})

/** Everything that is to be asked before the step's own trouble was asked. */
const standsStill = (play: Play, { step }: Cell) =>
  eventuallyHolds(() => {
    expect(play.post.holds(stepOf(step).command)).toBe(true)
    if (step === 'stop' || step === 'stock')
      expect(play.post.asked).toEqual(expect.arrayContaining(['StopShipment', 'SetStockAside']))
  })

type Answered = Awaited<ReturnType<Play['withdraw']>>

export interface Played {
  readonly outcome: SagaResult['outcome']
  readonly code: SagaResult['code']
  readonly attention: readonly Attention[]
  /** Whether the wish to turn back was granted; absent: nobody had one. */
  readonly turned?: boolean
}

const isWithdrawn = ({ sequel }: Cell) => sequel.by === 'withdrawal' || sequel.by === 'late-withdrawal'

/** What the operator decides about the trouble that is shown to them as the `place`-th. */
const decisionOn = ({ sequel, attention }: Cell, place: number): Remedy => {
  if (attention[place]?.reason === 'undo-failed')
    return 'undo' in sequel && sequel.undo === 'fails-then-skip' ? 'skip' : 'retry'
  if (sequel.by === 'late-undo') return place === 0 ? 'undo' : sequel.next
  const { by } = sequel
  if (by === 'retry' || by === 'skip' || by === 'undo' || by === 'refund-elsewhere') return by
  throw new Error(`expected nothing to need attention after ${sequel.by}`)
}

/** One after another, what needs attention is shown and resolved. Returns what was shown, and the answers to come. */
const resolveAll = async (play: Play, saga: SagaHandle, cell: Cell) => {
  const shown: Attention[] = []
  const undos: Promise<Answered>[] = []
  for (const [place, { reason, remedies }] of cell.attention.entries()) {
    shown.push(await play.parks(saga, reason, remedies))
    const decision = decisionOn(cell, place)
    const answer = play.resolve(saga, decision, decision === 'refund-elsewhere' ? 'store-credit' : undefined)
    // An undo has its answer when payment has decided, which may need attention itself.
    if (decision === 'undo') undos.push(answer)
    else expect(await answer).toEqual({ accepted: true })
  }
  return { shown, undos }
}

/** Plays the cell to its end, and lets arrive then what was still on its way. */
export const playCell = async (
  stage: Stage,
  cell: Cell,
  lane: StepLane,
): Promise<{ readonly play: Play; readonly played: Played }> => {
  const play = stage.open(shopFor(cell), [...mishapsOf(cell), ...undoMishapsOf(cell)], lane)
  const saga = await play.start()
  if (isWithdrawn(cell)) await standsStill(play, cell)
  const withdrawals = isWithdrawn(cell) ? [play.withdraw(saga)] : []
  const { shown, undos } = await resolveAll(play, saga, cell)
  const [wish] = await Promise.all([...withdrawals, ...undos])
  if (wish?.accepted === false) await play.post.release()
  if (cell.story.includes('awaiting-merchant')) await play.approve(saga)
  const { outcome, code } = await saga.result()
  await play.post.release()
  return { play, played: { outcome, code, attention: shown, ...(wish && { turned: wish.accepted }) } }
}
