import { initiatorKind, lineKind, shipmentStatus, timestamp } from '@countermand/contracts'
import { z } from 'zod'
import type { FactParcel, Facts } from './facts.ts'
import { acknowledgementKind, customerKind, goodsKind, salesChannel } from './vocabulary.ts'

/** Of an order as it was placed, what the law asks for. All that an order of today does not have may be absent. */
export const orderFacts = z.object({
  market: z.string().min(1),
  /** ISO 3166-1 or -2; absent: the market. */
  jurisdiction: z.string().min(1).optional(),
  customerKind: customerKind.optional(),
  salesChannel: salesChannel.optional(),
  language: z.string().optional(),
  informedAt: timestamp.optional(),
  promisedShipBy: timestamp.optional(),
  placedAt: timestamp,
  lines: z
    .array(
      z.object({
        lineId: z.string().min(1),
        kind: lineKind.optional(),
        goodsKind: goodsKind.optional(),
        acknowledgements: z.array(z.object({ kind: acknowledgementKind, at: timestamp })).optional(),
      }),
    )
    .min(1, 'expected at least one line'),
  shipments: z
    .array(z.object({ shipmentId: z.string(), status: shipmentStatus, lineIds: z.array(z.string()).optional() }))
    .default([]),
})
/** Of an order as it was placed, what the law asks for. */
export type OrderFacts = z.infer<typeof orderFacts>

/** Of a request to cancel, what the law asks for. `declaration` is absent where the shop only told when it was asked. */
export const requestFacts = z.object({
  requestedAt: timestamp,
  initiator: z.object({ kind: initiatorKind }),
  lines: z.array(z.object({ lineId: z.string() })).optional(),
  declaration: z.object({ sentAt: timestamp, receivedAt: timestamp }).partial().optional(),
})
/** Of a request to cancel, what the law asks for. */
export type RequestFacts = z.infer<typeof requestFacts>

const parcelNews = z.object({
  shipmentId: z.string(),
  status: shipmentStatus,
  at: timestamp,
  lineIds: z.array(z.string()).optional(),
  /** The customer has broken the seal. */
  unsealed: z.boolean().optional(),
})
const goodsNews = z.object({ shipmentId: z.string().optional(), at: timestamp })

/** What happened, as on the topics; of other types nothing is needed. */
export const happened = z.array(z.object({ type: z.string(), data: z.unknown() }))
/** What happened, as on the topics. */
export type Happened = z.infer<typeof happened>

type Parcel = FactParcel & { readonly shipmentId: string }

const stateOf = (status: z.infer<typeof shipmentStatus>, wasDelivered: boolean): FactParcel['state'] => {
  switch (status) {
    case 'lost':
      return 'lost'
    case 'delivered':
      return 'delivered'
    case 'handed-over':
    case 'in-transit':
    case 'out-for-delivery':
      return 'on-the-way'
    case 'returning':
      return wasDelivered ? 'delivered' : 'on-the-way'
    case 'returned':
      return wasDelivered ? 'delivered' : 'not-sent'
    default:
      return 'not-sent'
  }
}

const withNews = (parcel: Parcel | undefined, news: z.infer<typeof parcelNews>): Parcel => {
  const { shipmentId, status, at, unsealed } = news
  const lineIds = news.lineIds ?? parcel?.lineIds
  const deliveredAt = parcel?.deliveredAt ?? (status === 'delivered' ? at : undefined)
  const broken = unsealed === true || parcel?.state === 'unsealed'
  const state = stateOf(status, deliveredAt !== undefined)
  return {
    ...parcel,
    ...{ shipmentId, state: broken && state === 'delivered' ? 'unsealed' : state },
    ...(lineIds !== undefined && { lineIds }),
    ...(deliveredAt !== undefined && { deliveredAt }),
    ...(status === 'returned' && deliveredAt !== undefined && { backAt: at }),
  }
}

interface Story {
  readonly parcels: Map<string, Parcel>
  refundImpossibleAt: string | undefined
}

const tell = (story: Story, { type, data }: Happened[number]): void => {
  const goods = (news: (at: string) => Partial<FactParcel>) => {
    const { shipmentId, at } = goodsNews.parse(data)
    for (const [id, parcel] of story.parcels)
      if (shipmentId === undefined || shipmentId === id) story.parcels.set(id, { ...parcel, ...news(at) })
  }
  if (type === 'shipment.updated.v1' || type === 'shipment.changed.v1') {
    const news = parcelNews.parse(data)
    story.parcels.set(news.shipmentId, withNews(story.parcels.get(news.shipmentId), news))
  } else if (type === 'GoodsBack') goods((at) => ({ backAt: at }))
  else if (type === 'ReturnProven') goods((at) => ({ provenAt: at }))
  else if (type === 'refund.failed.v1') story.refundImpossibleAt ??= z.object({ at: timestamp }).parse(data).at
}

const kindOf = ({ kind, goodsKind: said }: OrderFacts['lines'][number]) =>
  said ?? (kind === 'digital' ? 'digital-content' : kind === 'service' ? 'service' : undefined)

/** The facts of an order and a request to cancel it, as far as they were known at `at` (absent: all). Throws a ZodError for news that cannot be read. */
export const factsOf = (order: OrderFacts, request: RequestFacts, news: Happened = [], at?: string): Facts => {
  const story: Story = { parcels: new Map(), refundImpossibleAt: undefined }
  for (const { shipmentId, status, lineIds } of order.shipments)
    story.parcels.set(shipmentId, { shipmentId, state: stateOf(status, true), ...(lineIds && { lineIds }) })
  const timed = z.object({ at: timestamp })
  for (const each of news) {
    const when = timed.safeParse(each.data)
    if (at === undefined || !when.success || Date.parse(when.data.at) <= Date.parse(at)) tell(story, each)
  }
  const wanted = request.lines?.map(({ lineId }) => lineId)
  const sentAt = request.declaration?.sentAt ?? request.requestedAt
  return {
    jurisdiction: order.jurisdiction ?? order.market,
    initiator: request.initiator.kind,
    ...{ customerKind: order.customerKind, salesChannel: order.salesChannel, informedAt: order.informedAt },
    ...{ concludedAt: order.placedAt, promisedShipBy: order.promisedShipBy },
    declaration: { sentAt, receivedAt: request.declaration?.receivedAt ?? sentAt },
    refundImpossibleAt: story.refundImpossibleAt,
    lines: order.lines
      .filter(({ lineId }) => wanted?.includes(lineId) ?? true)
      .map((line) => ({
        lineId: line.lineId,
        goodsKind: kindOf(line),
        acknowledgements: line.acknowledgements?.map(({ kind }) => kind),
      })),
    parcels: [...story.parcels.values()].map(({ shipmentId: _, ...parcel }) => parcel),
  }
}
