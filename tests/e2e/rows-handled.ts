import type { Database } from '@countermand/database'
import { type Check, checked, type Known } from '@countermand/service/checks.ts'
import { CompiledQuery } from 'kysely'
import { z } from 'zod'

/** A step of a plan, as PostgreSQL says it was carried out. */
interface Step {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number | undefined
  'Rows Removed by Join Filter'?: number | undefined
  Plans?: Step[] | undefined
}

const step: z.ZodType<Step> = z.object({
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Join Filter': z.number().optional(),
  get Plans() {
    return z.array(step).optional()
  },
})
const explained = z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: step })]) })

/** Rows that a step gave or looked at, and all below it. */
const handled = (each: Step): number => {
  const { 'Rows Removed by Filter': filtered = 0, 'Rows Removed by Join Filter': unjoined = 0 } = each
  const below = (each.Plans ?? []).reduce((sum, lower) => sum + handled(lower), 0)
  return (each['Actual Rows'] + filtered + unjoined) * each['Actual Loops'] + below
}

/** How many rows PostgreSQL goes through to check a rule: the same on a slow machine. */
export const rowsHandled = async (database: Database, check: Check, facts: Known): Promise<number> => {
  const query = CompiledQuery.raw(`explain (analyze, timing off, format json) ${checked(check)}`, [...facts])
  const { rows } = await database.executeQuery(query)
  return handled(explained.parse(rows[0])['QUERY PLAN'][0].Plan)
}
