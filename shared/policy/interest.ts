import { civilDay } from './clocks/civil-day.ts'
import type { Interest } from './pack.ts'

/** What is owed for a refund that came late. `owed` in minor units, absent where a person says the rate. */
export interface Owed {
  readonly days: number
  readonly owed?: number
  /** The rate that the pack does not know. */
  readonly rate?: 'legal' | 'base'
}

const dayMs = 86_400_000

/** The whole days from the last day of a deadline to the day of payment. `dueAt` is the first instant that is late. */
const daysLate = (dueAt: string, paidAt: string, zone: string): number => {
  const lastDay = Date.parse(`${civilDay(new Date(Date.parse(dueAt) - 1).toISOString(), zone)}T00:00:00Z`)
  return Math.max(0, Math.round((Date.parse(`${civilDay(paidAt, zone)}T00:00:00Z`) - lastDay) / dayMs))
}

/** A percentage of an amount in minor units, rounded for the customer. */
const part = (amount: number, percent: number): number => Math.ceil((amount * percent) / 100)

const bySteps = (steps: NonNullable<Interest['steps']>, { after }: Interest, amount: number, days: number): Owed => {
  const step = steps.find(({ upTo }) => days <= upTo)
  if (step?.rate !== undefined) return { days, rate: step.rate }
  if (step !== undefined) return { days, owed: part(amount, step.percent ?? 0) }
  const last = steps.at(-1)
  const months = Math.ceil((days - (last?.upTo ?? 0)) / 30)
  const percent = (last?.percent ?? 0) + months * (after?.percentPerMonth ?? 0)
  return { days, owed: Math.min(amount, part(amount, percent)) }
}

/** What is owed on an amount in minor units that was due before `dueAt` and paid at `paidAt`. */
export const interestOwed = (
  interest: Interest,
  late: { readonly amount: number; readonly dueAt: string; readonly paidAt: string; readonly zone: string },
): Owed => {
  const days = daysLate(late.dueAt, late.paidAt, late.zone)
  if (days === 0) return { days, owed: 0 }
  if (interest.steps !== undefined) return bySteps(interest.steps, interest, late.amount, days)
  const { percent, above } = interest.yearly ?? {}
  if (above !== undefined || percent === undefined) return { days, rate: above ?? 'legal' }
  return { days, owed: part(late.amount * (days / 365), percent) }
}
