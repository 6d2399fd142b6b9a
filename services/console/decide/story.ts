import type { Case, ToldType } from '../state.ts'

/** One thing that was told of an order or of one of its requests. */
export interface StoryEntry {
  /** ISO 8601. */
  readonly at: string
  readonly type: ToldType | 'order.accepted.v1' | 'order.amended.v1' | 'shipment.changed.v1'
  readonly requestId?: string
  /** As the contract of its type has it. */
  readonly data: Readonly<Record<string, unknown>>
}

/** All that is kept of what was told of an order, the oldest first. Of the order and its parcels that is the newest word alone; who paid with what is nobody’s business here. */
export const storyOf = ({ order, parcels, told }: Case): StoryEntry[] => {
  const ofOrder = (): StoryEntry[] => {
    if (order === undefined) return []
    const { tenders, ...placed } = order.placed
    const paid = tenders.map(({ tenderId, channel, amount }) => ({ tenderId, channel, amount }))
    const type = order.version === 1 ? 'order.accepted.v1' : 'order.amended.v1'
    return [{ at: placed.placedAt, type, data: { ...placed, tenders: paid } }]
  }
  const ofParcels = parcels.map((data): StoryEntry => ({ at: data.at, type: 'shipment.changed.v1', data: { ...data } }))
  const ofRequests = [...told].flatMap(([requestId, all]) =>
    all.map(({ at, type, data }): StoryEntry => ({ at, type, requestId, data })),
  )
  return [...ofOrder(), ...ofParcels, ...ofRequests].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
}
