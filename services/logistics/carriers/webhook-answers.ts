import { id } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { RelabelResult, ResumeResult, StatusResult, StopResult } from './carrier.ts'

/** What a carrier that answers in our own words may say to each operation. */

const failure = z.enum(['delivered', 'out-for-delivery', 'ineligible', 'refused', 'no-answer', 'holds-other-lines'])
const refused = z.object({
  result: z.literal('refused'),
  failure: failure.default('refused'),
  reason: z.string().max(2_000).exactOptional(),
})
/** At most a day, so that a mistake of units is no silence for years. */
const askAgainMs = z.int().min(1).max(86_400_000).default(60_000)
const fee = z.object({ amount: z.int().nonnegative(), currency: z.string().regex(/^[A-Z]{3}$/) })
const voided = z.object({ result: z.literal('voided') })
const intercepted = z.object({ result: z.literal('intercepted') })

export const stopSaid = exactly<StopResult>()(
  z.discriminatedUnion('result', [
    voided,
    intercepted,
    z.object({
      ...{ result: z.literal('accepted'), askAgainMs },
      ...{ carrierRef: id.exactOptional(), fee: fee.exactOptional() },
    }),
    refused,
  ]),
)

export const statusSaid = exactly<StatusResult>()(
  z.discriminatedUnion('result', [
    z.object({ result: z.literal('pending'), askAgainMs }),
    voided,
    intercepted,
    z.object({ result: z.literal('none'), unsure: z.literal(true).exactOptional() }),
    refused,
  ]),
)

export const resumeSaid = exactly<ResumeResult>()(
  z.discriminatedUnion('result', [z.object({ result: z.literal('resumed') }), refused]),
)

export const relabelSaid = exactly<RelabelResult>()(
  z.discriminatedUnion('result', [
    z.object({ result: z.literal('labelled'), trackingNumber: id }),
    z.object({ result: z.literal('requested') }),
  ]),
)
