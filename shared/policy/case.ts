import { timestamp } from '@countermand/contracts'
import { z } from 'zod'
import { facts } from './facts.ts'
import { name } from './pack.ts'
import { approval, ground, means, returnCost, shipping, timing, withhold } from './vocabulary.ts'

/** What a case expects; what it does not say is not looked at. `null`: not known yet. */
const expected = z.strictObject({
  ground: ground.optional(),
  /** The rule that decides each line, by line. */
  rules: z.record(z.string(), name).optional(),
  timing: timing.optional(),
  approval: approval.optional(),
  means: means.optional(),
  withhold: withhold.optional(),
  shipping: shipping.optional(),
  returnCost: returnCost.optional(),
  until: timestamp.nullable().optional(),
  dueAt: timestamp.nullable().optional(),
  targetAt: timestamp.nullable().optional(),
  otherMeansBy: timestamp.nullable().optional(),
  collectBy: timestamp.nullable().optional(),
  /** What is owed for paying late, in minor units; `legal`, `base`: at a rate that a person says. */
  interest: z
    .strictObject({ amount: z.int(), paidAt: timestamp, owed: z.union([z.int(), z.enum(['legal', 'base'])]) })
    .optional(),
})
export type Expected = z.infer<typeof expected>

/** Cases of a pack, as data: what is given, and what must come of it. */
export const casesFile = z.strictObject({
  cases: z.array(
    z.strictObject({
      id: name,
      says: z.string('expected what the case is about').min(1, 'expected what the case is about'),
      /** Of the version that is meant; absent: the one in force. */
      version: z.string().optional(),
      given: facts,
      expect: expected,
    }),
  ),
})
export type PolicyCase = z.infer<typeof casesFile>['cases'][number]
