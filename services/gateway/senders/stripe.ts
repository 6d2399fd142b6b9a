import { fromStripe } from '@countermand/providers/stripe-money.ts'
import { z } from 'zod'
import type { Notice, Sender, Verified } from './sender.ts'
import { isFresh, isSigned, jsonOf } from './signed.ts'

/**
 * Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 of `<t>.<body>` with the endpoint's secret. Each attempt to
 * deliver is signed anew. No order is promised, so that each event is a reason to look and no more.
 */

const id = z.string().min(1).max(128)
const reference = z
  .union([id, z.object({ id }).transform((expanded) => expanded.id)])
  .nullish()
  .transform((found) => found ?? undefined)
const money = { amount: z.int().nonnegative(), currency: z.string().length(3).toUpperCase() }

const refund = z.object({
  id,
  ...money,
  charge: reference,
  payment_intent: reference,
  status: z.string().nullish(),
  metadata: z.object({ refundId: id.optional().catch(undefined) }).nullish(),
})
const dispute = z.object({ id, ...money, charge: reference, payment_intent: reference, status: z.string() })
const intent = z.object({ id, latest_charge: reference })
const charge = z.object({ id, payment_intent: reference, amount_captured: money.amount, currency: money.currency })

const seconds = z.int().nonnegative().max(253_402_300_799)
const event = z.object({
  id,
  type: z.string().min(1).max(128),
  created: seconds,
  data: z.object({ object: z.unknown() }),
})

const minorUnits = (amount: number, currency: string): Pick<Notice, 'amount' | 'currency'> => ({
  amount: fromStripe(amount, currency),
  currency,
})

type About = Omit<Notice, 'eventId' | 'type' | 'occurredAt'>

const listed = (...references: readonly (string | undefined)[]): string[] =>
  references.filter((each) => each !== undefined)

const aboutRefund = refund.transform(
  ({ id: providerRef, amount, currency, charge, payment_intent, status, metadata }): About => ({
    about: 'refund',
    ...(metadata?.refundId !== undefined && { refundId: metadata.refundId }),
    payments: listed(payment_intent, charge),
    providerRef,
    ...minorUnits(amount, currency),
    ...((status === 'failed' || status === 'canceled') && { undone: true }),
  }),
)
const aboutDispute = (state: (status: string) => Notice['dispute']) =>
  dispute.transform(({ id: providerRef, amount, currency, charge, payment_intent, status }): About => {
    const how = state(status)
    return {
      ...{ about: 'dispute', payments: listed(payment_intent, charge), providerRef, ...minorUnits(amount, currency) },
      ...(how !== undefined && { dispute: how }),
    }
  })

/** What is done with each type of event; of all others nobody has a use. */
const types: ReadonlyMap<string, z.ZodType<About>> = new Map<string, z.ZodType<About>>([
  ...['refund.created', 'refund.updated', 'refund.failed'].map((type) => [type, aboutRefund] as const),
  ['charge.dispute.created', aboutDispute(() => 'opened')],
  // A warning that is closed has taken no money.
  ['charge.dispute.closed', aboutDispute((status) => (status === 'lost' ? 'lost' : 'won'))],
  [
    'payment_intent.canceled',
    intent.transform((found): About => ({ about: 'payment', payments: listed(found.id, found.latest_charge) })),
  ],
  [
    'charge.captured',
    charge.transform(
      (found): About => ({
        about: 'capture',
        payments: listed(found.payment_intent, found.id),
        ...minorUnits(found.amount_captured, found.currency),
      }),
    ),
  ],
])

const read = (body: Buffer): Verified => {
  const found = event.safeParse(jsonOf(body))
  if (!found.success) return { ok: false, because: 'unreadable' }
  const { id: eventId, type, created, data } = found.data
  const about = types.get(type)?.safeParse(data.object)
  if (about === undefined) return { ok: true }
  if (!about.success) return { ok: false, because: 'unreadable' }
  return { ok: true, notice: { eventId, type, occurredAt: new Date(created * 1000).toISOString(), ...about.data } }
}

const mostSignatures = 10

export const stripe: Sender = {
  mediaType: 'application/json',
  verify: ({ headers, body }, account, now) => {
    const fields = (headers['stripe-signature'] ?? '').split(',').map((field) => field.trim().split('='))
    const of = (name: string) => fields.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []))
    const [at = ''] = of('t')
    const signatures = of('v1').filter((each) => /^[0-9a-f]{64}$/.test(each))
    const signed = signatures.slice(0, mostSignatures).map((each) => Buffer.from(each, 'hex'))
    if (!isSigned(account, Buffer.from, [`${at}.`, body], signed)) return { ok: false, because: 'signature' }
    return isFresh(at, now) ? read(body) : { ok: false, because: 'stale' }
  },
}
