import { most, type OrderChanged } from '@countermand/contracts'
import { digestOfChange } from '@countermand/contracts/order-content.ts'
import {
  type Decision,
  type Moment,
  type NotYet,
  type Publication,
  unknownOrder,
} from '@countermand/service/decision.ts'
import type { OrderState } from '../state.ts'
import { type Amended, amend } from './amend.ts'
import { type KeptChange, type Order, versionOf } from './order.ts'

const withChange = (order: Order, kept: KeptChange): Order => ({
  ...order,
  edits: {
    first: order.edits?.first ?? order.placed,
    changes: [...(order.edits?.changes ?? []).filter((each) => each.changeId !== kept.changeId), kept],
  },
})

const keptAs = (change: OrderChanged, status: 'made' | 'refused'): KeptChange => ({
  changeId: change.changeId,
  digest: digestOfChange(change),
  status,
})

/** The order after a change that fits, and what the other services are told: the whole order, by its version. */
const made = (order: Order, change: OrderChanged, placed: Extract<Amended, { placed: unknown }>['placed']) => {
  const after = { ...withChange(order, keptAs(change, 'made')), placed }
  const version = versionOf(after)
  const data = { ...placed, version, changeId: change.changeId }
  const told: Publication = { type: 'order.amended.v1', data, id: [String(version)] }
  return { order: after, told }
}

const dead = (reason: 'order-changed' | 'invalid-data', error: string): Decision<OrderState> => ({
  deadLetter: { reason, error },
})

/**
 * `order.changed.v1`: an order that is edited after it was placed. While a saga holds the order, nobody else changes it: the change waits for
 * the saga's end. One that does not fit is a dead letter.
 */
export const changeOrder = (
  state: OrderState | undefined,
  change: OrderChanged,
  at: Moment,
): Decision<OrderState> | NotYet => {
  const { orderId, changeId } = change
  if (state?.order === undefined) {
    const error = `expected order ${orderId} of change ${changeId} to be placed, got no such order in time`
    return unknownOrder(at, error)
  }
  const { order } = state
  const changes = order.edits?.changes ?? []
  const known = changes.find((each) => each.changeId === changeId)
  const digest = digestOfChange(change)
  if (known !== undefined)
    return known.digest === digest
      ? {}
      : dead('order-changed', `expected change ${changeId} of order ${orderId} as it was at first, got other content`)
  if (changes.length >= most.changes)
    return dead('invalid-data', `expected at most ${most.changes} changes of order ${orderId}, got one more`)
  if (order.heldBy !== undefined) {
    if (changes.filter(({ status }) => status === 'waiting').length >= most.waitingChanges)
      return dead(
        'invalid-data',
        `expected at most ${most.waitingChanges} changes of order ${orderId} to wait for request ${order.heldBy}, got one more`,
      )
    return { state: { ...state, order: withChange(order, { changeId, digest, status: 'waiting', change }) } }
  }
  const amended = amend(order, change)
  if (!('placed' in amended)) return dead('invalid-data', `change ${changeId}: ${amended.message}`)
  const { order: after, told } = made(order, change, amended.placed)
  return { state: { ...state, order: after }, publish: [told] }
}

/** Makes the changes that waited for a saga to let the order go. What does not fit any more is told to everybody: its message is gone. */
export const makeWaiting = (order: Order, at: Moment): { readonly order: Order; readonly publish: Publication[] } => {
  let after = order
  const publish: Publication[] = []
  for (const kept of order.edits?.changes ?? []) {
    if (kept.status !== 'waiting') continue
    const { change } = kept
    const amended = amend(after, change)
    if ('placed' in amended) {
      const next = made(after, change, amended.placed)
      after = next.order
      publish.push(next.told)
    } else {
      const { orderId, changeId } = change
      const data = { orderId, changeId, ...amended, at: at.now }
      after = withChange(after, keptAs(change, 'refused'))
      publish.push({ type: 'order.change.refused.v1', data, id: [changeId] })
    }
  }
  return { order: after, publish }
}
