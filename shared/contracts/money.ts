/**
 * Frozen shares: how much of a line's money belongs to some of its units. All amounts are integer minor units.
 */

/** What these functions need of an order's line. */
export interface PricedLine {
  readonly quantity: number
  readonly unitAmount: number
  readonly discountAmount: number
  readonly taxAmount: number
}

/** What these functions need of an order. */
export interface PricedOrder {
  readonly lines: readonly PricedLine[]
  readonly shippingAmount: number
  readonly shippingTaxAmount: number
  /** What the sum was rounded by, up or down, so that it can be paid in coins. */
  readonly roundingAmount?: number | undefined
}

/** The part of `total` that the first `units` of `of` units carry; the last unit takes the rounding remainder. BigInt: a product of two safe integers may not be one. */
export const cumulativeShare = (total: number, units: number, of: number): number =>
  units >= of ? total : Number((BigInt(total) * BigInt(units)) / BigInt(of))

/** What the units from `already` to `already + quantity` of a line are worth: price − discount + tax. */
export const lineAmount = (line: PricedLine, quantity: number, already = 0): number => {
  const share = (total: number) =>
    cumulativeShare(total, already + quantity, line.quantity) - cumulativeShare(total, already, line.quantity)
  return line.unitAmount * quantity - share(line.discountAmount) + share(line.taxAmount)
}

/** What the customer paid: the sum that the tenders must add up to. */
export const orderTotal = (order: PricedOrder): number =>
  order.lines.reduce((sum, line) => sum + lineAmount(line, line.quantity), 0) +
  order.shippingAmount +
  order.shippingTaxAmount +
  (order.roundingAmount ?? 0)

/**
 * Minor units that go back for some units of an order (`asked`), after others were cancelled, both line by line: their frozen shares. With the
 * last unit goes what is left of the sum that was paid: shipping, its tax and the rounding. What was rounded off the sum is taken off the units
 * that are left when only it remains, so that nobody gets back more than they paid.
 */
export const refundOf = (order: PricedOrder, cancelled: readonly number[], asked: readonly number[]): number => {
  const total = orderTotal(order)
  const worth = (units: (place: number) => number): number =>
    Math.min(
      total,
      order.lines.reduce((sum, line, place) => sum + lineAmount(line, units(place)), 0),
    )
  const before = (place: number) => cancelled[place] ?? 0
  const after = (place: number) => before(place) + (asked[place] ?? 0)
  const isLast = order.lines.every((line, place) => after(place) >= line.quantity)
  return (isLast ? total : worth(after)) - worth(before)
}

/** `3351` of `EUR` → `33.51 EUR`. */
export const formatAmount = (amount: number, currency: string, digits: number): string => {
  if (digits === 0) return `${amount} ${currency}`
  const text = String(amount).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)} ${currency}`
}
