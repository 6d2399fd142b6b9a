import type { Carrier } from './carrier.ts'

/** The carriers that this service is set up for, by the name that shipments carry. */
export type Carriers = Readonly<Record<string, Carrier>>

/** Throws a technical failure when there is none of that name: the saga parks until somebody sets it up. */
export const carrierOf = (carriers: Carriers, name: string): Carrier => {
  const carrier = Object.hasOwn(carriers, name) ? carriers[name] : undefined
  if (carrier === undefined)
    throw new Error(`carrier ${name} is not set up: expected one of ${Object.keys(carriers).join(', ')}`)
  return carrier
}
