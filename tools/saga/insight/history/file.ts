import { createHmac, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { OrderEvent } from '@countermand/learning/orders/history.ts'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { ExportRow } from './read-export.ts'

const readBytes = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new Error(`expected a file that can be read, got ${file}`, { cause })
  })

/** The text of a file, unpacked where it is gzipped. */
export const readText = async (file: string): Promise<string> => {
  const bytes = await readBytes(file)
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}

const parsedRows = z.array(
  z.object({
    record: z.record(z.string(), z.string().optional().default('')),
    info: z.object({ lines: z.number(), error: z.object({ message: z.string() }).optional() }),
  }),
)

/** The rows of a CSV with a head. A row that is broken says how; a file of which nothing can be read throws. */
export const readCsv = async (file: string): Promise<ExportRow[]> => {
  const found: unknown = parse(await readText(file), { columns: true, info: true, bom: true, relax_column_count: true })
  return parsedRows.parse(found).map(({ record, info: { lines, error } }) => ({
    line: lines,
    cells: record,
    ...(error !== undefined && { broken: `expected as many cells as there are columns: ${error.message}` }),
  }))
}

const line = z.object({ sku: z.string(), quantity: z.number(), price: z.number() })
const event = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('placed'),
    at: z.number(),
    orderId: z.string(),
    customerId: z.string(),
    lines: z.array(line),
  }),
  z.strictObject({
    kind: z.literal('cancelled'),
    at: z.number(),
    orderId: z.string(),
    customerId: z.string(),
    skus: z.array(z.string()),
  }),
])

export const writeText = async (file: string, text: string): Promise<void> => {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new Error(`expected a file that can be written, got ${file}`, { cause })
  })
}

/** Keeps a history: one event a line, in the order of their time. */
export const writeHistory = (file: string, events: readonly OrderEvent[]): Promise<void> =>
  writeText(file, events.map((each) => `${JSON.stringify(each)}\n`).join(''))

/** Reads a kept history. Throws with the line where it is none. */
export const readHistory = async (file: string): Promise<OrderEvent[]> => {
  const events = (await readText(file))
    .split('\n')
    .filter((each) => each !== '')
    .map((each, nth) => {
      const found = event.safeParse(parsedJson(each))
      if (found.success) return found.data
      throw new Error(`${file}, line ${nth + 1}: expected an event of a history that insight import or simulate wrote`)
    })
  return events.sort((a, b) => a.at - b.at)
}

/** What the text says; `undefined` where it is no JSON, which no schema takes. */
export const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What stands for customers. The key is made anew each time and kept nowhere: nobody, we neither, gets back to who it was. */
export const createPseudonyms = (): ((customerId: string) => string) => {
  const key = randomBytes(32)
  return (customerId) => createHmac('sha256', key).update(customerId).digest('hex').slice(0, 24)
}
