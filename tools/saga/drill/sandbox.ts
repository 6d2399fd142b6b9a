import { z } from 'zod'
import type { Addresses } from '../addresses.ts'
import type { Databases } from '../databases.ts'

const name = z.object({ name: z.string() })

const hostOf = (address: string): string => new URL(address.includes('://') ? address : `tcp://${address}`).hostname
const isHere = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.')

/** Addresses that are not on this machine. */
export const awayOf = ({ kafkaBrokers, temporalAddress, databaseUrls }: Addresses): string[] =>
  [...kafkaBrokers, temporalAddress, ...Object.values(databaseUrls)].map(hostOf).filter((host) => !isHere(host))

/**
 * A drill makes orders that nobody placed, so it is for sandboxes only: all parts of the system are on this machine (or forwarded
 * to it), and nobody has paid by a channel, or sent a parcel by a carrier, that is not the sandbox's. Throws when it is none.
 */
export const requireSandbox = async (where: Addresses, { payment, logistics }: Databases): Promise<void> => {
  const away = awayOf(where)
  if (away.length > 0)
    throw new Error(
      `expected a sandbox on this machine, got ${[...new Set(away)].join(', ')}: drills are for sandboxes only`,
    )
  const channels = await payment.rows(
    name,
    `select distinct channel as name from tenders
     where channel not like 'sandbox-%' and channel not in ('store-credit', 'gift-card', 'cash-on-delivery')`,
  )
  const carriers = await logistics.rows(
    name,
    `select distinct carrier as name from shipments where carrier <> 'sandbox' and carrier not like 'drill-%'`,
  )
  const real = [...channels, ...carriers].map((each) => each.name)
  if (real.length > 0)
    throw new Error(`expected a sandbox, got orders that use ${real.join(', ')}: drills are for sandboxes only`)
}
