import { createLink, mostLinkMs } from '@countermand/console/store/links.ts'
import { openDatabase } from '@countermand/database'
import { z } from 'zod'
import { print, printJson } from '../../terminal/print.ts'
import { readConsole } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'

export interface LinkOptions {
  readonly customer?: true
  readonly hours?: string
  readonly json?: true
}

const hourMs = 3_600_000
const mostHours = mostLinkMs / hourMs

const hours = z.coerce
  .number({ error: 'expected --hours as a number' })
  .int('expected --hours as a whole number')
  .min(1, 'expected --hours of 1 or more')
  .max(mostHours, `expected --hours of at most ${mostHours}`)

const hoursOf = (text: string | undefined): number => {
  const found = hours.safeParse(text ?? mostHours)
  if (!found.success) throw new Error(found.error.issues[0]?.message ?? 'expected --hours')
  return found.data
}

/** Makes a link for a customer, and prints it once. */
export const runLink = async (id: string, { customer, hours: text, json }: LinkOptions): Promise<ExitCode> => {
  const ttlMs = hoursOf(text) * hourMs
  const { databaseUrl, shopUrl } = await readConsole(process.env)
  const database = openDatabase(databaseUrl, { maxConnections: 1, onError: () => {} })
  const scope = customer ? { customerId: id } : { orderId: id }
  const { token, expiresAt } = await createLink(database, scope, ttlMs).finally(() => database.destroy())
  const url = new URL(`/c/${token}`, shopUrl).href
  if (json) printJson({ url, expiresAt })
  else print(url)
  return 0
}
