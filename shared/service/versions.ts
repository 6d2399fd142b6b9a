import type { Answer } from '@countermand/contracts'
import { type Moment, type NotYet, notYet } from './decision.ts'

/**
 * Whether a command is about a version of its order that was not heard of yet: it waits for it, as for an order that was not heard of.
 * Else a line that was added would be missing, and a parcel would be stopped of which something is wanted.
 */
export const isBehind = (
  known: number,
  { orderId, orderVersion = 1 }: { readonly orderId: string; readonly orderVersion?: number | undefined },
  at: Moment,
): NotYet | { readonly answer: Answer<'StepFailed'> } | undefined => {
  if (orderVersion <= known) return undefined
  if (!at.patienceOver) return notYet
  const error = `expected version ${orderVersion} of order ${orderId}, got ${known}: its changes were not heard of in time`
  return { answer: { type: 'StepFailed', error, attempts: 1, moneyInDoubt: false } }
}
