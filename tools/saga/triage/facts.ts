import { z } from 'zod'
import type { Databases } from '../databases.ts'

const trouble = z.object({ reason: z.string(), error: z.string(), since: z.string() })

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
  readonly trouble: (z.infer<typeof trouble> & { readonly over: boolean }) | null
  readonly deadline: Deadline | null
}

const told = z.object({
  ...{ requestId: z.string(), orderId: z.string(), outcome: z.string().nullable() },
  ...{ amount: z.number().nullable(), currency: z.string().nullable() },
  trouble: trouble.nullable(),
  over: z.boolean(),
  decideBy: z.string().nullable(),
  onSilence: z.string().nullable(),
})
const due = z.object({ requestId: z.string(), at: z.string() })

const latest = (kinds: string, what: string): string => `
  (select ${what} from request_records where request_records.request_id = requests.request_id
     and record ->> 'what' in (${kinds}) order by position desc limit 1)`

const openGate = `
  left join lateral (
    select record from request_records where request_records.request_id = requests.request_id
      and record ->> 'what' in ('awaiting-merchant', 'decided', 'turning-back') order by position desc limit 1
  ) gate on requests.outcome is null and gate.record ->> 'what' = 'awaiting-merchant'`

const selectRequests = `
  select requests.request_id as "requestId", requests.order_id as "orderId", outcome, amount, currency,
    ${latest("'needs-attention'", 'record')} as trouble,
    coalesce(${latest("'needs-attention', 'resolved', 'resumed', 'turning-back'", "record ->> 'what'")} <> 'needs-attention', false) as over, gate.record ->> 'decideBy' as "decideBy", gate.record ->> 'onSilence' as "onSilence"
  from requests left join orders on orders.order_id = requests.order_id ${openGate}`

const selectCarriers = `
  select request_id as "requestId", min(parcel -> 'progress' ->> 'until') as at
  from stops, jsonb_array_elements(parcels) parcel
  where not answered and parcel -> 'progress' ->> 'state' = 'accepted' and ($1::text[] is null or request_id = any ($1)) group by request_id`

const selectBanks = `
  select refunds.request_id as "requestId", min(tasks.due_at) as at
  from tasks join refunds on refunds.refund_id = tasks.payload ->> 'refundId'
  where tasks.kind = 'refund-overdue' and ($1::text[] is null or refunds.request_id = any ($1)) group by refunds.request_id`

type Told = z.infer<typeof told>

const deadlineOf = (
  { requestId, decideBy, onSilence }: Told,
  carriers: ReadonlyMap<string, string>,
  banks: ReadonlyMap<string, string>,
): Deadline | null => {
  if (decideBy !== null) return { of: 'merchant', at: decideBy, means: `silence means ${onSilence}` }
  const carrier = carriers.get(requestId)
  if (carrier !== undefined) return { of: 'carrier', at: carrier, means: 'the parcel counts as not stopped' }
  const bank = banks.get(requestId)
  return bank === undefined ? null : { of: 'bank', at: bank, means: 'it needs attention (refund-overdue)' }
}

const isoOf = ({ requestId, at }: z.infer<typeof due>) => [requestId, new Date(at).toISOString()] as const

/** Of these requests, or of all whose order is on hold; by their ids. */
export const factsOf = async (
  { order, logistics, payment }: Databases,
  requestIds?: readonly string[],
): Promise<Map<string, Facts>> => {
  const which = requestIds === undefined ? "requests.status = 'holding'" : 'requests.request_id = any ($1::text[])'
  const [rows, carriers, banks] = await Promise.all([
    order.rows(told, `${selectRequests} where ${which}`, requestIds === undefined ? [] : [requestIds]),
    logistics.rows(due, selectCarriers, [requestIds ?? null]),
    payment.rows(due, selectBanks, [requestIds ?? null]),
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
