import type { OrderEvent } from '@countermand/learning/orders/history.ts'
import { z } from 'zod'
import type { ColumnMap } from './map.ts'

/** A row of an export, and the line of the file on which it ends. */
export interface ExportRow {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
  /** What the file itself has wrong here, such as a missing comma. */
  readonly broken?: string
}

export interface WrongRow {
  readonly line: number
  readonly reason: string
}

export interface ReadExport {
  /** In the order of their time. */
  readonly events: readonly OrderEvent[]
  readonly orders: number
  readonly wrong: readonly WrongRow[]
  /** Orders of which a row is wrong: nothing of them is taken. */
  readonly leftOut: readonly string[]
}

/** `2026-01-31 09:00:00 +0100`, as Shopify writes it, is ISO 8601 with a few signs changed. */
const toIso = (text: string): string => {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? []
  if (day === undefined) return text
  const offset = zone === undefined || zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`
  return `${day}T${time ?? '00:00'}${offset}`
}

const moment = z
  .string()
  .transform((text) => Date.parse(toIso(text.trim())))
  .refine((at) => Number.isFinite(at), 'expected a time such as 2026-01-31T09:00:00Z')

const lineOf = (map: ColumnMap) =>
  z
    .object({
      orderId: z.string().trim().min(1, 'expected an order'),
      placedAt: moment,
      customerId: z.string().trim().min(1, 'expected a customer'),
      sku: z.string().trim().min(1, 'expected a SKU'),
      quantity: z
        .string()
        .trim()
        .regex(/^[1-9]\d{0,8}$/, 'expected a whole number of units above 0')
        .transform(Number),
      price: z
        .string()
        .trim()
        .regex(/^\d{1,12}(\.\d{1,4})?$/, 'expected a price such as 12.50')
        .transform((text) => Math.round(Number(text) * 10 ** map.decimals)),
      cancelledAt: z.union([z.literal('').transform(() => undefined), moment]),
    })
    .refine(({ placedAt, cancelledAt }) => cancelledAt === undefined || cancelledAt >= placedAt, {
      path: ['cancelledAt'],
      message: 'expected it not to be cancelled before it was placed',
    })
type Line = z.output<ReturnType<typeof lineOf>>

const fields = ['orderId', 'placedAt', 'customerId', 'sku', 'quantity', 'price', 'cancelledAt'] as const
/** What many exports say once for an order, in its first row. */
const ofTheOrder = ['placedAt', 'customerId', 'cancelledAt'] as const

const reasonOf = (error: z.ZodError, map: ColumnMap): string =>
  error.issues
    .map(({ path: [field], message }) => {
      const name = fields.find((each) => each === field)
      return name === undefined ? message : `${map[name]}: ${message}`
    })
    .join('; ')

type Read = { readonly orderId: string } & ({ readonly line: Line } | { readonly wrong: WrongRow })

const readRow = (
  row: ExportRow,
  map: ColumnMap,
  first: ExportRow | undefined,
  schema: ReturnType<typeof lineOf>,
): Read => {
  const cell = (of: ExportRow | undefined, field: (typeof fields)[number]) => of?.cells[map[field]] ?? ''
  const orderId = cell(row, 'orderId').trim()
  if (row.broken !== undefined) return { orderId, wrong: { line: row.line, reason: row.broken } }
  const given = Object.fromEntries(fields.map((field) => [field, cell(row, field)]))
  // A row that says when its order was placed is whole: it says by itself whether it was cancelled.
  if (given.placedAt === '') for (const field of ofTheOrder) if (given[field] === '') given[field] = cell(first, field)
  const parsed = schema.safeParse(given)
  if (parsed.success) return { orderId, line: parsed.data }
  return { orderId, wrong: { line: row.line, reason: reasonOf(parsed.error, map) } }
}

const eventsOf = (orderId: string, lines: readonly Line[]): OrderEvent[] => {
  const [first] = lines
  if (first === undefined) return []
  const { placedAt: at, customerId } = first
  const cancelled = Map.groupBy(
    lines.filter(({ cancelledAt }) => cancelledAt !== undefined),
    ({ cancelledAt }) => cancelledAt ?? at,
  )
  return [
    {
      kind: 'placed',
      at,
      orderId,
      customerId,
      lines: lines.map(({ sku, quantity, price }) => ({ sku, quantity, price })),
    },
    ...[...cancelled].map(
      ([when, of]): OrderEvent => ({
        kind: 'cancelled',
        at: when,
        orderId,
        customerId,
        skus: of.map(({ sku }) => sku),
      }),
    ),
  ]
}

/** Throws where the file has not the columns that the map names. */
const checkColumns = (rows: readonly ExportRow[], map: ColumnMap): void => {
  const known = Object.keys(rows[0]?.cells ?? {})
  const missing = fields.map((field) => map[field]).filter((name) => !known.includes(name))
  if (missing.length > 0)
    throw new Error(`expected the columns ${missing.join(', ')}; the file has ${known.join(', ') || 'none'}`)
}

/**
 * Reads an export. Each wrong row is said with its line and why; an order of which a row is wrong is left out whole, as is one whose rows
 * say two customers or two times. `pseudonym`: what stands for a customer, so that nobody is known by what is kept.
 */
export const readExport = (
  rows: readonly ExportRow[],
  map: ColumnMap,
  pseudonym: (customerId: string) => string,
): ReadExport => {
  checkColumns(rows, map)
  const schema = lineOf(map)
  const firsts = new Map<string, ExportRow>()
  const reads = rows.map((row) => {
    const orderId = (row.cells[map.orderId] ?? '').trim()
    if (!firsts.has(orderId)) firsts.set(orderId, row)
    return { row, read: readRow(row, map, firsts.get(orderId), schema) }
  })
  const wrong = reads.flatMap(({ read }) => ('wrong' in read ? [read.wrong] : []))
  const events: OrderEvent[] = []
  const leftOut: string[] = []
  let orders = 0
  for (const [orderId, of] of Map.groupBy(reads, ({ read }) => read.orderId)) {
    const lines = of.flatMap(({ read }) => ('line' in read ? [read.line] : []))
    const other = of.find(({ read }) => 'line' in read && differs(read.line, lines[0]))
    if (other !== undefined)
      wrong.push({
        line: other.row.line,
        reason: `order ${orderId}: expected one customer and one time in all its rows`,
      })
    if (lines.length < of.length || other !== undefined) leftOut.push(orderId)
    else {
      orders += 1
      events.push(
        ...eventsOf(
          orderId,
          lines.map((line) => ({ ...line, customerId: pseudonym(line.customerId) })),
        ),
      )
    }
  }
  return {
    events: events.sort((a, b) => a.at - b.at),
    orders,
    wrong: wrong.sort((a, b) => a.line - b.line),
    leftOut,
  }
}

const differs = (line: Line, first: Line | undefined): boolean =>
  first !== undefined && (line.customerId !== first.customerId || line.placedAt !== first.placedAt)
