import type { ChannelName } from '@countermand/contracts'
import { type Payment, reserved } from './refund.ts'

export interface Share {
  readonly tenderId: string
  /** Minor units, more than 0. */
  readonly amount: number
}

/** Likeliest refusal first: while nothing has moved, a refusal leaves nothing to take back. */
const order: Readonly<Record<ChannelName, number>> = {
  'sandbox-card': 0,
  'sandbox-wallet': 1,
  'gift-card': 2,
  'store-credit': 3,
  'cash-on-delivery': 4,
}

/**
 * Which tender gives back how much of `amount` (minor units): each up to what was captured, less what was given back or is
 * promised to another request. The shares add up to `amount`, or there is an error in words.
 */
export const planShares = (
  state: Payment,
  amount: number,
): { readonly ok: true; readonly shares: readonly Share[] } | { readonly ok: false; readonly error: string } => {
  const shares: Share[] = []
  let missing = amount
  for (const tender of state.tenders.toSorted((a, b) => order[a.channel] - order[b.channel])) {
    const left = tender.captured - tender.refunded - reserved(state, tender.tenderId)
    const share = Math.min(left, missing)
    if (share > 0) shares.push({ tenderId: tender.tenderId, amount: share })
    missing -= Math.max(share, 0)
  }
  if (missing === 0) return { ok: true, shares }
  const error = `expected ${amount} to give back of order ${state.orderId}, got ${amount - missing} left over its tenders`
  return { ok: false, error }
}
