import type { Routing } from '../channels/index.ts'
import { goneOf, type Payment, reserved } from '../state.ts'

export interface Share {
  readonly tenderId: string
  /** Minor units, more than 0. */
  readonly amount: number
}

/**
 * Which tender gives back how much of `amount` (minor units): each up to what was captured, less what was given back, by us or others, or is
 * promised to another request, the likeliest refusal first. The shares add up to `amount`, or there is an error in words.
 */
export const planShares = (
  state: Payment,
  amount: number,
  { trial }: Pick<Routing, 'trial'>,
): { readonly ok: true; readonly shares: readonly Share[] } | { readonly ok: false; readonly error: string } => {
  const shares: Share[] = []
  let missing = amount
  for (const tender of state.tenders.toSorted((a, b) => trial.indexOf(a.channel) - trial.indexOf(b.channel))) {
    const left = tender.captured - tender.refunded - goneOf(tender) - reserved(state, tender.tenderId)
    const share = Math.min(left, missing)
    if (share > 0) shares.push({ tenderId: tender.tenderId, amount: share })
    missing -= Math.max(share, 0)
  }
  if (missing === 0) return { ok: true, shares }
  const error = `expected ${amount} to give back of order ${state.orderId}, got ${amount - missing} left over its tenders`
  return { ok: false, error }
}
