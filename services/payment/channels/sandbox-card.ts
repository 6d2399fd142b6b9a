import { type Channel, day, later, type TenderKind, withoutLimits } from './channel.ts'

/** Doubling from 200 ms to 5 s: a demo does not wait for a poller. */
export const sandboxPollAfterMs = (attempt: number): number => Math.min(200 * 2 ** Math.min(attempt - 1, 5), 5000)

/** A card that behaves by its payment reference. Cards show a refund after 5 to 10 days (Stripe's and PayPal's figures). */
export const sandboxCard = {
  home: 'original',
  open: ({ sandbox }): Channel => ({
    facts: withoutLimits,
    refund: sandbox.refund,
    status: sandbox.status,
    ...(sandbox.list !== undefined && { list: sandbox.list }),
    expectedBy: (now) => later(now, 10 * day),
    pollAfterMs: sandboxPollAfterMs,
  }),
} satisfies TenderKind
