import type { Answer } from '@countermand/contracts'
import { asId, asNote } from '@countermand/contracts/text.ts'
import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow'
import type { SagaResult } from '../../protocol/inputs.ts'
import { recordTurn } from './records.ts'
import { refundSkipped, roundsAreClosed, type Saga, type Turn, type TurnRequest } from './saga.ts'
import { show } from './show.ts'

/**
 * Asks for the road back; false: it is too late, the saga goes forward. Everybody who wants to turn comes here: a step that
 * said no, the customer, Temporal's Cancel, an operator. A refund that a person has settled leaves no way back. `recorded`: an earlier run was on it.
 */
export const askToTurn = async (
  saga: Saga,
  why: Omit<Turn, 'stage'> & Partial<Pick<Turn, 'stage'>>,
  recorded: 'recorded' | 'new' = 'new',
): Promise<boolean> => {
  // Payment and the order service would say so too; the order service decides whether the turn came before the decision.
  if (recorded === 'new' && refundSkipped(saga) && roundsAreClosed()) return false
  if (saga.turning !== undefined || saga.ended !== undefined) return false
  const { by, message } = why
  const said = {
    ...(by === undefined ? {} : { by: asId(by) }),
    ...(message === undefined ? {} : { message: asNote(message) }),
  }
  const request: TurnRequest = { turn: { stage: saga.stage, ...why, ...said }, decided: 'not-yet' }
  saga.turns.push(request)
  await condition(() => request.decided !== 'not-yet' || saga.ended !== undefined)
  return request.decided === 'turned'
}

const ignoreCancellation = (error: unknown): void => {
  if (!isCancellation(error)) throw error
}

/** Where the road forward ends when the saga has turned. */
export const turned = 'turned'

/** Asks for the road back as a part of the road forward, which ends with {@link turned} when it is taken. */
export const turnsBack = async (...wish: Parameters<typeof askToTurn>): Promise<boolean> => {
  try {
    return await askToTurn(...wish)
  } catch (error) {
    // The road's scope is cancelled when the saga turns.
    ignoreCancellation(error)
    return true
  }
}

export interface Roads {
  /** Runs in a scope that is cancelled when the saga turns. */
  readonly forward: (saga: Saga) => Promise<SagaResult | typeof turned>
  /** Asks payment whether money moved: who commits first wins, and the other is told. */
  readonly forbid: (saga: Saga) => Promise<Answer<'NothingMoved' | 'MoneyMoved' | 'NothingToUndo'>>
  readonly back: (saga: Saga) => Promise<SagaResult>
}

const decideAll = (saga: Saga, decided: 'turned' | 'too-late') => {
  for (const request of saga.turns.splice(0)) request.decided = decided
}

/** Undoes all; `undefined`: the order service knows better, and the saga goes forward. */
const turn = async (saga: Saga, request: TurnRequest, back: Roads['back']): Promise<SagaResult | undefined> => {
  const answer = () => {
    request.decided = 'turned'
    decideAll(saga, 'too-late')
  }
  if (saga.lane === undefined) {
    // Runs that were not told their lane answer first, and those from before the record make none.
    answer()
    if (patched('turning-back-is-recorded')) await recordTurn(saga, request.turn)
  } else {
    if (!(await recordTurn(saga, request.turn))) return undefined
    answer()
  }
  return back(saga)
}

/**
 * Walks forward until the end, or until payment and the order service let the saga turn back. Money that has moved means forward,
 * whatever was asked, and so does a refund that a person has settled elsewhere; nothing else does: what this run remembers of
 * its steps is not trusted.
 */
export const walk = async (saga: Saga, roads: Roads): Promise<SagaResult> => {
  let road = new CancellationScope({ cancellable: true })
  let ahead: Promise<void> | undefined
  let arrived: SagaResult | undefined
  for (;;) {
    const request = saga.turns[0]
    if (request !== undefined) {
      const { type } = await roads.forbid(saga)
      saga.turns.shift()
      saga.moneyMoved ||= type === 'MoneyMoved'
      if (type !== 'MoneyMoved' && arrived === undefined) {
        saga.turning = request.turn
        road.cancel()
        await ahead?.catch(ignoreCancellation)
        const turned = await turn(saga, request, roads.back)
        if (turned !== undefined) return turned
        // Forward once more: what was done answers as it did.
        saga.turning = undefined
        road = new CancellationScope({ cancellable: true })
        ahead = undefined
      }
      request.decided = 'too-late'
      show(saga)
    }
    ahead ??= road
      .run(() => roads.forward(saga))
      .then((end) => {
        if (end !== turned) arrived = end
      })
    await Promise.race([ahead, condition(() => saga.turns.length > 0)])
    if (arrived !== undefined) {
      decideAll(saga, 'too-late')
      return arrived
    }
  }
}
