import type { RefundChanged } from '@countermand/contracts'
import type { Publication } from '@countermand/service/decision.ts'
import { isClosedFor, isSettledByHand, type Payment, type Refund, tenderOf, told } from '../state.ts'
import { mayBeByHand } from './by-hand.ts'
import type { Work } from './work.ts'

/** What an end of a refund means after a person had closed it; `undefined`: somebody still waits for its end. */
const afterClosing = (state: Payment, { requestId, tenderId, progress }: Refund): RefundChanged['afterClosing'] => {
  const request = state.requests.find((each) => each.requestId === requestId)
  if (request?.status !== 'asked' || !isClosedFor(request, tenderId)) return undefined
  if (request.openRound !== undefined && (request.tenderId ?? tenderId) === tenderId) return undefined
  if (progress.state === 'succeeded') return mayBeByHand(request, tenderId) ? 'twice' : undefined
  if (progress.state !== 'failed' && progress.state !== 'reversed') return undefined
  return isSettledByHand(request, tenderId) ? 'settled' : 'owed'
}

/** Of a payment that is held, and of which less is to be taken now. */
const leftToTake = (
  state: Payment,
  { tenderId, destination, progress }: Refund,
): Pick<RefundChanged, 'captureAtMost'> => {
  const { authorized, captured, refunded } = tenderOf(state, tenderId)
  const isReleased = authorized && destination === 'none' && progress.state === 'succeeded'
  return isReleased ? { captureAtMost: captured - refunded } : {}
}

/** Whose notifications are about it. */
const accountOf = (state: Payment, { tenderId }: Refund): Pick<RefundChanged, 'account'> => {
  const { account } = tenderOf(state, tenderId)
  return account === undefined ? {} : { account }
}

/** Tells how a refund is from now on. */
export const publish = (work: Work, refund: Refund, at: string, ...more: readonly string[]): Work => {
  const events = told(work.state, refund).flatMap((data): Publication[] => {
    const { requestId, refundId, round } = refund
    const { orderId } = work.state
    // A round tells a second try of the same refund apart from the first.
    const id = [requestId, refundId, String(round), ...more]
    const means = afterClosing(work.state, refund)
    const event = {
      ...data,
      refundId,
      requestId,
      orderId,
      at,
      ...accountOf(work.state, refund),
      ...leftToTake(work.state, refund),
      ...(means !== undefined && { afterClosing: means }),
    }
    return [{ type: `refund.${data.state}.v1`, id, data: event }]
  })
  return { ...work, publish: [...work.publish, ...events] }
}

/** Says once more how a refund is, because a person's decision made it news: it is owed now, or paid twice. */
export const publishAtClosing = (work: Work, refund: Refund, at: string): Work => {
  const means = afterClosing(work.state, refund)
  return means === 'owed' || means === 'twice' ? publish(work, refund, at, 'closed') : work
}
