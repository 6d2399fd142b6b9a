import { jsonIn } from '@countermand/contracts/json.ts'
import { said } from '@countermand/contracts/text.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import { type ProviderAnswer, retryAfterMs } from '@countermand/providers/http.ts'
import type { Given } from '@countermand/providers/oauth.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { z } from 'zod'
import { setUp } from './account-of.ts'
import type { StopResult } from './carrier.ts'

/** What UPS's answers mean. */

/** A no in UPS's own words. */
export interface No {
  readonly code: string
  readonly words: string
}

/** Some answers have `&#xD;` in each of their texts (UPS-API/api-documentation, issue 63). */
const plain = (text: string): string => text.replace(/&#x?[0-9a-f]+;/gi, '').trim()
const wordsOf = (text: string): string => said(plain(text).replace(/\p{C}+/gu, ' '), 300)

/** They are `{ code, message }` beside a status that is no yes, and `{ errorCode, errorMessage }` in an answer of 200. */
const error = z
  .object({
    ...{ code: z.string().optional(), message: z.string().optional() },
    ...{ errorCode: z.string().optional(), errorMessage: z.string().optional() },
  })
  .transform(({ code, message, errorCode = code, errorMessage = message }): No => {
    const known = plain(errorCode ?? '')
    return { code: known, words: wordsOf(errorMessage ?? known) }
  })
const errors = z.array(error).nullish()
const failed = z.object({ response: z.object({ errors: z.array(error).min(1) }) })

/** We asked for something that cannot be asked for: the next of the same kind would fare no better. */
const invalid: ReadonlySet<string> = new Set(['710'])

/** The no in an answer that is not one of 200; what is no answer to the question is thrown. `now`: ms since the epoch. */
export const noIn = (answer: ProviderAnswer, what: string, now: number): No => {
  const { status, outage } = answer
  const first = failed.safeParse(jsonIn(answer.body)).data?.response.errors[0]
  const words = `UPS answers ${what} with ${status}${first === undefined ? '' : `: ${first.words}`}`
  if (status === 429) {
    const wait = retryAfterMs(answer, now)
    throw new CallFailed(words, 'before-anything', wait === undefined ? {} : { retryAfterMs: wait })
  }
  if (status === 401 || status === 403 || status === 404) throw setUp(words)
  if (status !== 400 || first === undefined) throw new CallFailed(words, 'unknown', outage)
  if (invalid.has(first.code)) throw setUp(words)
  return first
}

const read = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  const found = schema.safeParse(jsonIn(answer.body))
  if (found.success) return found.data
  throw new CallFailed(`UPS answers ${what} with ${answer.status}, and nothing that can be read`, 'unknown')
}

const tokenGiven = z.object({
  access_token: z.string().min(1),
  expires_in: z.union([z.string().regex(/^\d{1,9}$/), z.int().nonnegative()]).transform(Number),
})

/** Without a token nothing was asked for yet. */
export const tokenIn = (answer: ProviderAnswer, now: number): Given => {
  const found = answer.status === 200 ? tokenGiven.safeParse(jsonIn(answer.body)) : undefined
  if (found?.success === true)
    return { token: new Secret(found.data.access_token), lifeMs: found.data.expires_in * 1000 }
  const words = `UPS answers the client id and its secret with ${answer.status}`
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw setUp(words)
  const wait = answer.status === 429 ? retryAfterMs(answer, now) : undefined
  throw new CallFailed(words, 'before-anything', wait === undefined ? answer.outage : { retryAfterMs: wait })
}

const status = z.object({ Code: z.string().transform(plain), Description: z.string().default('').transform(wordsOf) })
const parcel = z.object({ TrackingNumber: z.string().transform(plain), Status: status })
const voidAnswer = z.object({
  VoidShipmentResponse: z.object({
    SummaryResult: z.object({ Status: status }),
    PackageLevelResult: z.union([z.array(parcel), parcel.transform((one) => [one])]).default([]),
  }),
})

/** Of a label: `1` is voided, now or before; `0` is not (VoidShipmentResponse of the Shipping API). */
export const voidIn = (answer: ProviderAnswer, trackingNumber: string, now: number): StopResult => {
  if (answer.status !== 200) {
    const { words, code } = noIn(answer, 'void', now)
    return { result: 'refused', failure: 'refused', reason: `UPS: ${words} (${code})` }
  }
  const { SummaryResult, PackageLevelResult } = read(voidAnswer, answer, 'void').VoidShipmentResponse
  const own = PackageLevelResult.find((each) => each.TrackingNumber === trackingNumber)
  const { Code, Description } = (own ?? SummaryResult).Status
  if (Code === '1') return { result: 'voided' }
  if (Code === '0') return { result: 'refused', failure: 'refused', reason: `UPS: ${Description || 'not voided'}` }
  throw new CallFailed(`UPS answers void with code ${said(Code, 20)}, which nobody knows here`, 'unknown')
}

const can = z.enum(['ELIGIBLE', 'NOT_ELIGIBLE', 'UNKNOWN'])
const feature = z.object({
  interceptFeature: z.string(),
  eligibilityValue: z.object({ createEligibility: can, cancelEligibility: can }),
})
const eligibilityAnswer = z.object({
  response: z.object({
    ...{ success: z.boolean().optional(), errors },
    commonEligibilityMap: z.union([z.array(feature), feature.transform((one) => [one])]).nullish(),
  }),
})

/** Whether UPS can bring a parcel back: it `can`; it is about to (`asked`); it cannot; or it does not know yet. */
export type Eligibility = 'can' | 'asked' | 'cannot' | 'unknown'

export const eligibilityIn = (answer: ProviderAnswer, now: number): Eligibility => {
  if (answer.status !== 200) {
    noIn(answer, 'eligibility', now)
    return 'cannot'
  }
  const { success, errors, commonEligibilityMap } = read(eligibilityAnswer, answer, 'eligibility').response
  const [first] = errors ?? []
  // An error of its own is no word about the parcel.
  if (success === false || first !== undefined)
    throw new CallFailed(`UPS cannot say whether it can intercept: ${first?.words ?? 'no reason'}`, 'before-anything')
  const back = commonEligibilityMap?.find(({ interceptFeature }) => interceptFeature === 'RTS')?.eligibilityValue
  if (back === undefined) return 'cannot'
  if (back.createEligibility === 'ELIGIBLE') return 'can'
  if (back.cancelEligibility === 'ELIGIBLE') return 'asked'
  return back.createEligibility === 'UNKNOWN' || back.cancelEligibility === 'UNKNOWN' ? 'unknown' : 'cannot'
}

const done = z.object({ success: z.boolean(), errors, transactionId: z.string().max(128).optional().catch(undefined) })
const interceptAnswer = z.union([z.object({ response: done }).transform(({ response }) => response), done])

/**
 * A yes is `success`, and no error beside it: an answer of 200 may be a no. UPS's own failures have code 500, whatever the status.
 * `ref`: how UPS calls the request.
 */
export const interceptIn = (
  answer: ProviderAnswer,
  what: 'return' | 'cancel',
  now: number,
): { readonly ref: string | undefined } | No => {
  if (answer.status !== 200) return noIn(answer, what, now)
  const { success, errors, transactionId: ref } = read(interceptAnswer, answer, what)
  const [first] = errors ?? []
  if (success && first === undefined) return { ref }
  if (first === undefined || first.code.startsWith('500'))
    throw new CallFailed(`UPS answers ${what} with a failure: ${first?.words ?? 'no reason'}`, 'unknown')
  return first
}
