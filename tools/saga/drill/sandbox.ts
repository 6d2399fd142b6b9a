import { carriersUsed } from '@countermand/logistics/store/facts.ts'
import { channelsUsed } from '@countermand/payment/store/facts.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import type { Databases } from '@countermand/workflows/operations/reach/databases.ts'

/** Channels by which no bank hears of anything. */
const ofNobodyElse: readonly string[] = ['store-credit', 'gift-card', 'cash-on-delivery']

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
  const [channels, carriers] = await Promise.all([channelsUsed(payment), carriersUsed(logistics)])
  const real = [
    ...channels.filter((name) => !name.startsWith('sandbox-') && !ofNobodyElse.includes(name)),
    ...carriers.filter((name) => name !== 'sandbox' && !name.startsWith('drill-')),
  ]
  if (real.length > 0)
    throw new Error(`expected a sandbox, got orders that use ${real.join(', ')}: drills are for sandboxes only`)
}
