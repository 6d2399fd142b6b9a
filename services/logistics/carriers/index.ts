import type { Carrier, CarrierKind } from './carrier.ts'
import { type CarrierBook, sandboxCarrier } from './sandbox.ts'

/** What carriers are opened with. */
export interface Outside {
  /** The sandbox's own book. */
  readonly sandbox: CarrierBook
}

/** Every carrier, one line each, by the name that shipments carry. */
const table: Readonly<Record<string, CarrierKind<Outside>>> = {
  sandbox: sandboxCarrier,
}

/** The carriers that this service is set up for, by the name that shipments carry. */
export type Carriers = Readonly<Record<string, Carrier>>

export const carriers = (outside: Outside): Carriers =>
  Object.fromEntries(Object.entries(table).map(([name, kind]) => [name, kind.open(outside)]))

/** Throws a technical failure when there is none of that name: the saga parks until somebody sets it up. */
export const carrierOf = (carriers: Carriers, name: string): Carrier => {
  const carrier = Object.hasOwn(carriers, name) ? carriers[name] : undefined
  if (carrier === undefined)
    throw new Error(`carrier ${name} is not set up: expected one of ${Object.keys(carriers).join(', ')}`)
  return carrier
}
