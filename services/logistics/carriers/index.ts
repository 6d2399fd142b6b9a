import type { Part } from '@countermand/providers/account.ts'
import type { Outside as OutsideAccounts } from './account-of.ts'
import type { Carrier, CarrierKind } from './carrier.ts'
import { type CarrierBook, sandboxCarrier } from './sandbox.ts'
import { ups } from './ups.ts'
import { upsKind } from './ups-requests.ts'
import { webhookCarrier, webhookCarrierKind } from './webhook-carrier.ts'

/** What carriers are opened with. */
export interface Outside extends OutsideAccounts {
  /** The sandbox's own book. */
  readonly sandbox: CarrierBook
}

/** Every carrier, one line each, by the name that shipments carry. */
const table: Readonly<Record<string, CarrierKind<Outside>>> = {
  sandbox: sandboxCarrier,
  ups,
  'webhook-carrier': webhookCarrier,
}

/** Logistics' part of `ACCOUNTS_FILE`: what it asks carriers with. */
export const carrierKinds: Part = new Map([
  ['ups', upsKind],
  ['webhook-carrier', webhookCarrierKind],
])

/** The carriers that this service is set up for, by the name that shipments carry. */
export type Carriers = Readonly<Record<string, Carrier>>

export const carriers = (outside: Outside): Carriers =>
  Object.fromEntries(Object.entries(table).map(([name, kind]) => [name, kind.open(outside)]))

/** A parcel's carrier, and whose parcel it is. */
export interface Carried {
  readonly carrier: string
  readonly merchantId?: string | null
}

/** A name that a merchant has given to a carrier of its own is that, whoever else bears it. */
const find = (carriers: Carriers, { carrier, merchantId }: Carried): Carrier | undefined =>
  Object.values(carriers).find((each) => each.serves?.(carrier, merchantId ?? undefined)) ??
  (Object.hasOwn(carriers, carrier) ? carriers[carrier] : undefined)

export const isSetUp = (carriers: Carriers, carried: Carried): boolean => find(carriers, carried) !== undefined

/** Throws a technical failure when there is none of that name: the saga parks until somebody sets it up. */
export const carrierOf = (carriers: Carriers, carried: Carried): Carrier => {
  const carrier = find(carriers, carried)
  if (carrier === undefined)
    throw new Error(
      `carrier ${carried.carrier} is not set up: expected one of ${Object.keys(carriers).join(', ')}, or a name in ACCOUNTS_FILE`,
    )
  return carrier
}
