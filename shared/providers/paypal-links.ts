import { z } from 'zod'

/** How PayPal's objects name each other: by addresses, and by the ids that are related to them. */

export const paypalId = z.string().regex(/^[A-Z0-9]{1,36}$/)

export const paypalLinks = z.array(z.object({ rel: z.string(), href: z.string() })).default([])
const related_ids = z.object({ order_id: paypalId.optional(), authorization_id: paypalId.optional() }).optional()
export const paypalSupplement = z.object({ related_ids }).optional()

/** An object that others have to do with. */
export interface PaypalLinked {
  readonly links: z.output<typeof paypalLinks>
  readonly supplementary_data?: z.output<typeof paypalSupplement>
}

/** What an object is of: its parent, by the last part of its address. */
const parentOf = (kind: 'captures' | 'authorizations' | 'orders', { links }: PaypalLinked): string | undefined =>
  links
    .filter(({ rel }) => rel === 'up')
    .map(({ href }) => new RegExp(`/${kind}/([A-Z0-9]{1,36})$`).exec(href)?.[1])
    .find((found) => found !== undefined)

export const captureOf = (refund: PaypalLinked): string | undefined => parentOf('captures', refund)
export const orderOf = (payment: PaypalLinked): string | undefined =>
  payment.supplementary_data?.related_ids?.order_id ?? parentOf('orders', payment)
export const authorizationOf = (payment: PaypalLinked): string | undefined =>
  payment.supplementary_data?.related_ids?.authorization_id ?? parentOf('authorizations', payment)
