import type { OrderEvent } from '@countermand/learning/orders/history.ts'
import { readDataSet } from '../data-sets.ts'

/** A line of an invoice; one of an invoice that begins with C takes goods back. */
interface Line {
  readonly invoice: string
  readonly isCancel: boolean
  readonly sku: string
  readonly quantity: number
  readonly at: number
  /** Of one unit, in pence. */
  readonly price: number
  readonly customerId: string
}

/** Goods have numbers of five digits; POST, M, D, BANK CHARGES and the like are none. */
const isGoods = (code: string): boolean => /^\d{5}/.test(code)

/** The lines about goods, in the order of their time. */
export const readLines = async (folder: string): Promise<Line[]> =>
  (await readDataSet(folder, 'retail'))
    .filter(({ StockCode }) => isGoods(StockCode ?? ''))
    .map((row) => ({
      invoice: row.InvoiceNo ?? '',
      isCancel: row.InvoiceNo?.startsWith('C') ?? false,
      sku: row.StockCode?.toUpperCase() ?? '',
      quantity: Number(row.Quantity),
      at: Date.parse(`${row.InvoiceDate}Z`),
      price: Math.round(Number(row.UnitPrice) * 100),
      customerId: row.CustomerID ?? '',
    }))
    .sort((a, b) => a.at - b.at)

interface Bought {
  readonly orderId: string
  left: number
}

const grouped = (lines: readonly Line[]): Line[][] => [...Map.groupBy(lines, ({ invoice }) => invoice).values()]

/**
 * Orders of known customers, and what they cancelled of them. The set does not say which invoice a cancellation is about: it is the
 * newest ones of the customer that had the goods, as far as something of them is left.
 */
export const orderEvents = (lines: readonly Line[]): OrderEvent[] => {
  const bought = new Map<string, Bought[]>()
  return grouped(lines.filter(({ customerId }) => customerId !== '')).flatMap((invoice): OrderEvent[] => {
    const [first] = invoice
    if (first === undefined) return []
    const { at, invoice: orderId, customerId } = first
    if (first.isCancel) {
      const taken = invoice.flatMap(({ sku, quantity }) =>
        takeBack(bought.get(`${customerId}/${sku}`) ?? [], -quantity).map((id) => ({ id, sku })),
      )
      return [...Map.groupBy(taken, ({ id }) => id)].map(([id, of]) => ({
        kind: 'cancelled',
        at,
        orderId: id,
        customerId,
        skus: of.map(({ sku }) => sku),
      }))
    }
    const sold = invoice.filter(({ quantity, price }) => quantity > 0 && price > 0)
    for (const { sku, quantity } of sold) {
      const key = `${customerId}/${sku}`
      bought.set(key, [...(bought.get(key) ?? []), { orderId, left: quantity }])
    }
    return sold.length === 0 ? [] : [{ kind: 'placed', at, orderId, customerId, lines: sold }]
  })
}

/** The orders that units are taken back from, the newest first. */
const takeBack = (bought: readonly Bought[], units: number): string[] => {
  let left = units
  const found: string[] = []
  for (const each of bought.toReversed()) {
    const taken = Math.min(left, each.left)
    if (taken <= 0) continue
    each.left -= taken
    left -= taken
    found.push(each.orderId)
  }
  return found
}
