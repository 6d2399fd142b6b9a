import { readFileSync } from 'node:fs'
import { id } from '@countermand/contracts'
import type { PoliciesOf } from '@countermand/contracts/policy-for.ts'
import { z } from 'zod'
import { duration } from './duration.ts'

/** What a shop decides of its cancellations: the order service judges by it, and the console says beforehand what that will be. Who reads it elsewhere than there reads the same settings. */

const commaSeparated = z.string().transform((list) =>
  list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
)

/** What a shop decides of its cancellations; durations in milliseconds once read. */
const policy = z.strictObject({
  CANCEL_WINDOW: duration,
  REQUEST_DELAY: duration,
  MERCHANT_APPROVAL: z.enum(['never', 'always', 'when-shipped']),
  MERCHANT_DEADLINE: duration,
  MERCHANT_SILENCE: z.enum(['approve', 'reject']),
  DECISIONS_FROM: commaSeparated.pipe(z.array(id).min(1, 'expected merchant, anyone or an id')),
  BLOCKED_CUSTOMERS: commaSeparated,
  REFUND_FALLBACK: z.enum(['attention', 'store-credit', 'bank-transfer']),
})
export type Policy = Readonly<z.infer<typeof policy>>

const policiesByName = z
  .record(z.string(), policy.exactPartial())
  .default({})
  .transform((byName) => new Map(Object.entries(byName)))

const policyOverrides = z.strictObject({ markets: policiesByName, merchants: policiesByName })
export type PolicyOverrides = Readonly<z.infer<typeof policyOverrides>>

const parsedJson = (path: string): { readonly value: unknown } | { readonly error: string } => {
  try {
    return { value: JSON.parse(readFileSync(path, 'utf8')) }
  } catch (cause) {
    return { error: `expected a JSON file at ${path}: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
}

/** Reads the file while the settings are checked, so that its mistakes are listed together with all others. */
const policiesFile = z.string().transform((path, context): PolicyOverrides => {
  const file = parsedJson(path)
  if ('error' in file) {
    context.addIssue({ code: 'custom', message: file.error })
    return z.NEVER
  }
  const parsed = policyOverrides.safeParse(file.value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues)
    context.addIssue({ code: 'custom', path: issue.path, message: issue.message })
  return z.NEVER
})

const noOverrides = (): PolicyOverrides => ({ markets: new Map(), merchants: new Map() })
const { shape } = policy

/** Each with its default, as the order service has it. */
export const policySettings = {
  CANCEL_WINDOW: shape.CANCEL_WINDOW.prefault('30d').describe('how long an order may be cancelled (default 30d)'),
  REQUEST_DELAY: shape.REQUEST_DELAY.prefault('1h').describe(
    'how long a request may be on its way to Kafka and still count as of when it was made (default 1h)',
  ),
  MERCHANT_APPROVAL: shape.MERCHANT_APPROVAL.default('when-shipped').describe(
    'when a merchant decides: never, always, when-shipped (default when-shipped)',
  ),
  MERCHANT_DEADLINE: shape.MERCHANT_DEADLINE.prefault('24h').describe('how long the merchant may take (default 24h)'),
  MERCHANT_SILENCE: shape.MERCHANT_SILENCE.default('approve').describe(
    'what no decision in time means: approve, reject (default approve)',
  ),
  DECISIONS_FROM: shape.DECISIONS_FROM.prefault('merchant').describe(
    "whose decision counts, comma-separated: merchant (the order's), anyone, or ids (default merchant)",
  ),
  BLOCKED_CUSTOMERS: shape.BLOCKED_CUSTOMERS.prefault('').describe('customer ids, comma-separated (default none)'),
  REFUND_FALLBACK: shape.REFUND_FALLBACK.default('attention').describe(
    'where refused money goes when some has moved: attention, store-credit, bank-transfer (default attention)',
  ),
  POLICIES_FILE: policiesFile
    .optional()
    .transform((overrides) => overrides ?? noOverrides())
    .describe('JSON file that overrides the policies by market and by merchant (default none)'),
}

export type Policies = PoliciesOf<Policy>
