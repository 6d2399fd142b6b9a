import { carriersAwaited } from '@countermand/logistics/store/facts.ts'
import { type PressingFacts, pressingOf } from '@countermand/order/store/facts.ts'
import { banksAwaited } from '@countermand/payment/store/facts.ts'
import type { Databases } from '../reach/databases.ts'

/** When something happens by itself, and what. */
export interface Deadline {
  readonly of: 'merchant' | 'carrier' | 'bank'
  /** ISO 8601. */
  readonly at: string
  /** What happens then, in words. */
  readonly means: string
}

/** What the services know of a request that tells how bad it is. */
export interface Facts {
  readonly requestId: string
  readonly orderId: string
  readonly outcome: string | null
  /** Minor units; `null`: it has not come so far. */
  readonly money: { readonly amount: number; readonly currency: string } | null
  /** The last trouble that was told of it; `over`: something has overtaken it since. */
  readonly trouble: (NonNullable<PressingFacts['trouble']> & { readonly over: boolean }) | null
  readonly deadline: Deadline | null
}

const deadlineOf = (
  { requestId, decideBy, onSilence }: PressingFacts,
  carriers: ReadonlyMap<string, string>,
  banks: ReadonlyMap<string, string>,
): Deadline | null => {
  if (decideBy !== null) return { of: 'merchant', at: decideBy, means: `silence means ${onSilence}` }
  const carrier = carriers.get(requestId)
  if (carrier !== undefined) return { of: 'carrier', at: carrier, means: 'the parcel counts as not stopped' }
  const bank = banks.get(requestId)
  return bank === undefined ? null : { of: 'bank', at: bank, means: 'it needs attention (refund-overdue)' }
}

const isoOf = ({ requestId, at }: { readonly requestId: string; readonly at: string }) =>
  [requestId, new Date(at).toISOString()] as const

/** Of these requests, or of all whose order is on hold; by their ids. */
export const factsOf = async (
  { order, logistics, payment }: Databases,
  requestIds?: readonly string[],
): Promise<Map<string, Facts>> => {
  const [rows, carriers, banks] = await Promise.all([
    pressingOf(order, requestIds),
    carriersAwaited(logistics, requestIds),
    banksAwaited(payment, requestIds),
  ])
  const byCarrier = new Map(carriers.map(isoOf))
  const byBank = new Map(banks.map(isoOf))
  return new Map(
    rows.map((row) => {
      const { requestId, orderId, outcome, amount, currency } = row
      return [
        requestId,
        {
          ...{ requestId, orderId, outcome },
          money: amount === null || currency === null ? null : { amount, currency },
          trouble: row.trouble === null ? null : { ...row.trouble, over: row.over },
          deadline: outcome === null ? deadlineOf(row, byCarrier, byBank) : null,
        },
      ]
    }),
  )
}
