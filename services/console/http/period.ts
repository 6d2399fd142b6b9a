import { z } from 'zod'

const dayMs = 86_400_000
const day = z.iso.date()
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** Days in UTC, both of them in it: of the last thirty, where nobody says otherwise; what is no day is none. */
export const periodOf = (
  from: string | undefined,
  to: string | undefined,
  now: Date,
): { readonly from: string; readonly to: string } => {
  const last = day.safeParse(to).data ?? dayOf(now.getTime())
  const first = day.safeParse(from).data ?? dayOf(Date.parse(last) - 29 * dayMs)
  return first <= last ? { from: first, to: last } : { from: last, to: first }
}
