import { createHash } from 'node:crypto'
import type { EventData } from '@countermand/contracts'
import type { Decision } from '@countermand/service/decision.ts'
import type { Case, HeardOrder, Parcel, Told, ToldType } from '../state.ts'

/** What is heard becomes part of a case: the newest word counts, whichever comes first, and the same again changes nothing. */

export const nothingHeard: Case = { parcels: [], told: new Map() }

const followVersion = (known: Case, heard: HeardOrder): Decision<Case> =>
  known.order !== undefined && known.order.version >= heard.version ? {} : { state: { ...known, order: heard } }

export const followOrder = (known: Case | undefined, placed: EventData<'order.accepted.v1'>): Decision<Case> =>
  followVersion(known ?? nothingHeard, { version: 1, placed })

/** The whole order, as it is after a change. */
export const followChange = (
  known: Case | undefined,
  { version, changeId: _, ...placed }: EventData<'order.amended.v1'>,
): Decision<Case> => followVersion(known ?? nothingHeard, { version, placed })

/** Two that are said to be of one moment have an order all the same, always the same one. */
const isNewer = (one: Parcel, other: Parcel): boolean => {
  const later = Date.parse(one.at) - Date.parse(other.at)
  return later === 0 ? JSON.stringify(one) > JSON.stringify(other) : later > 0
}

export const followParcel = (known: Case = nothingHeard, heard: Parcel): Decision<Case> => {
  const before = known.parcels.find(({ shipmentId }) => shipmentId === heard.shipmentId)
  if (before !== undefined && !isNewer(heard, before)) return {}
  const others = known.parcels.filter((each) => each !== before)
  const parcels = [...others, heard].toSorted((one, other) => (one.shipmentId < other.shipmentId ? -1 : 1))
  return { state: { ...known, parcels } }
}

/** An event by what it says. */
export const told = (type: ToldType, at: string, data: Told['data']): Told => ({
  key: createHash('sha256')
    .update(`${type}\n${JSON.stringify(data)}`)
    .digest('base64url'),
  ...{ type, at, data },
})

export const withTold = (known: Case, requestId: string, heard: Told): Case => {
  const before = known.told.get(requestId) ?? []
  if (before.some(({ key }) => key === heard.key)) return known
  return { ...known, told: new Map(known.told).set(requestId, [...before, heard]) }
}

/** An event of the public story, or of a refund. */
export const followStory =
  (type: ToldType) =>
  (known: Case | undefined, data: { readonly requestId: string; readonly at: string }): Decision<Case> => ({
    state: withTold(known ?? nothingHeard, data.requestId, told(type, data.at, data)),
  })
