import { initiatorKind } from '@countermand/contracts'
import { z } from 'zod'

/**
 * The closed words of packs and facts. Because they are few, every combination of them can be decided in a test. Where a list has an order,
 * it is generosity: the last is best for the customer.
 */

/** What a cancellation rests on. `request` and `promise` may be refused as the terms say; `right` and `duty` by nobody. */
export const ground = z.enum(['request', 'promise', 'right', 'duty'])
export type Ground = z.infer<typeof ground>

/** Whom the shop says that it sold to. */
export const customerKind = z.enum(['consumer', 'business', 'unknown'])

/** How the contract was concluded. */
export const salesChannel = z.enum(['online', 'phone', 'mail', 'doorstep', 'shop'])

/** What was sold, as the exceptions of the law tell goods apart. `unknown` counts as `ordinary`. */
export const goodsKind = z.enum([
  'ordinary',
  'custom-made',
  'perishable',
  'sealed-hygiene',
  'sealed-media',
  'mixed',
  'price-fluctuating',
  'alcohol-futures',
  'urgent-repair',
  'newspaper',
  'auction',
  'dated-leisure',
  'digital-content',
  'service',
  'subscription',
  'not-returnable',
  'unknown',
])
export type GoodsKind = z.infer<typeof goodsKind>

/** Where the goods are. `unsealed`: delivered, and the seal is broken. `lost`: they will not arrive. */
export const parcelState = z.enum(['not-sent', 'on-the-way', 'delivered', 'unsealed', 'lost'])
export type ParcelState = z.infer<typeof parcelState>

/** Whether the customer was told of the right. Who does not know says `no`: the proof is the seller's. */
export const informed = z.enum(['yes', 'no'])

/** Whether the period of the right has begun, runs, or is over. */
export const timing = z.enum(['before', 'within', 'after'])
export type Timing = z.infer<typeof timing>

/** What the customer said or was sent about a line, each with its proof. `performed`: the service was rendered in full. */
export const acknowledgementKind = z.enum([
  'begin-agreed',
  'loss-acknowledged',
  'confirmation-sent',
  'not-returnable-confirmed',
  'performed',
])
export type AcknowledgementKind = z.infer<typeof acknowledgementKind>

/** The facts that a rule may ask for, each with all its values. */
export const conditions = {
  initiator: initiatorKind,
  customerKind,
  salesChannel,
  goodsKind,
  parcel: parcelState,
  informed,
  timing,
} as const

/** One line of an order at one moment, in the words that rules ask in. */
export interface Cell {
  readonly initiator: z.infer<typeof initiatorKind>
  readonly customerKind: z.infer<typeof customerKind>
  readonly salesChannel: z.infer<typeof salesChannel>
  readonly goodsKind: GoodsKind
  readonly parcel: ParcelState
  readonly informed: z.infer<typeof informed>
  readonly timing: Timing
  readonly acknowledged: readonly AcknowledgementKind[]
}

/** Whether somebody has to agree before anything happens. */
export const approval = z.enum(['as-terms', 'none'])
/** How money goes back. `same-or-agreed`: as it was paid, or by what the customer expressly agreed to. */
export const means = z.enum(['as-terms', 'same-or-agreed', 'customer-chooses'])
/** Until when the seller may keep the money. */
export const withhold = z.enum(['goods', 'goods-or-proof', 'none'])
/** How much of what was paid for delivery goes back. */
export const shipping = z.enum(['none', 'standard', 'all'])
/** Who pays for sending goods back. `consumer-if-told`: the customer, if they were told so before. */
export const returnCost = z.enum(['consumer', 'consumer-if-told', 'merchant'])
/** How a customer takes it back. Not an order of generosity: it belongs to the ground. */
export const takeBack = z.enum(['alone', 'with-consent'])

/** What a rule gives, besides its ground: each from the least generous to the most. */
export const outputs = { approval, means, withhold, shipping, returnCost } as const
/** The names of those outputs. */
export type OutputName = keyof typeof outputs

/** From what a clock runs. */
export const clockStart = z.enum([
  'concluded',
  'last-good-received',
  'first-good-received',
  'informed',
  'goods-back',
  'goods-or-proof',
  'refund-impossible',
  'promised-ship-by',
])
export type ClockStart = z.infer<typeof clockStart>
/** What a clock is for. */
export const clockUse = z.enum(['right', 'refund', 'otherMeans', 'collect', 'sendBack'])
export type ClockUse = z.infer<typeof clockUse>
