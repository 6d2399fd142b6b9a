import { isGoods, type LineKind, type OrderLine, orderTotal, type ShipmentStatus } from '@countermand/contracts'
import fc from 'fast-check'
import type { Wish } from '../shop/wish.ts'

/** What is asked of an order at some moment, and what is said about it later. Times are ms after the order's first word. */
export interface RandomRequest {
  readonly atMs: number
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | undefined
  readonly refundTo: 'original' | 'store-credit'
  readonly by: 'customer' | 'support'
  /** How often its event is published. */
  readonly copies: number
  readonly input: 'withdraw' | 'approve' | 'reject' | undefined
  /** May be before the request itself. */
  readonly inputAtMs: number
}

export interface RandomOrder {
  readonly wish: Wish
  /** When it is placed: maybe after a request for it. */
  readonly atMs: number
  readonly requests: readonly RandomRequest[]
  readonly news: readonly { readonly place: number; readonly status: ShipmentStatus; readonly atMs: number }[]
  /** Something that cannot be used comes on its partition. */
  readonly garbage: boolean
}

/** The first is about as likely as all others together. */
const oneOf = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: Math.max(4, others.length), arbitrary: fc.constant(usual) },
    ...others.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  )

const seldom = <T>(usual: T, rare: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(rare) })

const line = fc.record({
  quantity: fc.integer({ min: 1, max: 4 }),
  unitAmount: fc.integer({ min: 1, max: 30_000 }),
  discount: fc.integer({ min: 0, max: 60 }),
  taxAmount: fc.integer({ min: 0, max: 2_000 }),
  sku: fc.integer({ min: 1, max: 5 }),
  kind: oneOf<LineKind>('goods', 'service', 'fee', 'digital'),
})

type RandomLine = typeof line extends fc.Arbitrary<infer Line> ? Line : never

const lineOf = ({ quantity, unitAmount, discount, taxAmount, sku, kind }: RandomLine, place: number): OrderLine => ({
  ...{ lineId: `${place + 1}`, quantity, unitAmount, taxAmount },
  // Of what is not goods, some have a SKU all the same.
  ...(isGoods({ kind }) ? { sku: `SKU-${sku}` } : { kind, ...(sku === 1 && { sku: 'SKU-1' }) }),
  discountAmount: Math.floor((unitAmount * quantity * discount) / 100),
})

const channelRef = fc.oneof(
  fc.record({
    channel: fc.constantFrom('sandbox-card' as const, 'sandbox-wallet' as const),
    ref: oneOf('pay_ok', 'pay_slow_300', 'pay_refuse', 'pay_flaky_2', 'pay_lost_1', 'pay_late_refuse_200', 'pay_down'),
  }),
  fc.record({
    channel: fc.constantFrom('gift-card' as const, 'store-credit' as const, 'cash-on-delivery' as const),
    ref: fc.constant('other'),
  }),
)

const parcel = fc.record({
  number: oneOf('OK-1', 'SLOW-300', 'LATE-400', 'REFUSE-1', 'FLAKY-2', 'SILENT-1', 'NORESUME-1', 'DOWN-1'),
  status: oneOf<ShipmentStatus>('label-created', 'handed-over', 'in-transit', 'delivered', 'returned'),
})

const soon = fc.integer({ min: 0, max: 1_500 })

const request = (lines: readonly OrderLine[]): fc.Arbitrary<RandomRequest> =>
  fc.record({
    atMs: soon,
    lines: fc.oneof(
      fc.constant(undefined),
      fc
        .subarray(
          lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
          { minLength: 1 },
        )
        .chain((some) =>
          fc.tuple(
            ...some.map(({ lineId, quantity }) =>
              fc.record({ lineId: fc.constant(lineId), quantity: fc.integer({ min: 1, max: quantity }) }),
            ),
          ),
        ),
    ),
    refundTo: oneOf<'original' | 'store-credit'>('original', 'store-credit'),
    by: oneOf<'customer' | 'support'>('customer', 'support'),
    copies: oneOf(1, 2, 3),
    input: oneOf<RandomRequest['input']>(undefined, 'withdraw', 'approve', 'reject'),
    inputAtMs: soon,
  })

/** Now and then a guest, and seldom somebody who is blocked. */
const customerId = fc.oneof(
  { weight: 16, arbitrary: fc.constant('cus-7') },
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('cus-13') },
)

/** What a parcel holds: lines, or units of them: all that other parcels with the line leave, or one less, which is not sent yet. */
const contentOf = (
  lines: readonly OrderLine[],
  parts: readonly (readonly string[])[],
  place: number,
  saysUnits: false | 'all' | 'some',
): Pick<NonNullable<Wish['parcels']>[number], 'lineIds' | 'lines'> => {
  const lineIds = parts[place] ?? []
  if (saysUnits === false) return { lineIds }
  const units = lines
    .filter(({ lineId }) => lineIds.includes(lineId))
    .map(({ lineId, quantity }) => {
      const isShared = parts.filter((part) => part.includes(lineId)).length > 1
      const most = isShared ? [Math.ceil(quantity / 2), Math.floor(quantity / 2)][place] : quantity
      return { lineId, quantity: (most ?? 0) - (saysUnits === 'some' ? 1 : 0) }
    })
    .filter(({ quantity }) => quantity > 0)
  return units.length > 0 ? { lines: units } : { lineIds }
}

const wish = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.map(lineOf)),
    tenders: fc.array(channelRef, { minLength: 1, maxLength: 3 }),
    shares: fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 35 })),
    parcels: fc.array(parcel, { maxLength: 2 }),
    shippingAmount: oneOf(490, 0),
    // No line costs less.
    roundingAmount: oneOf(0, 2, -1),
    currency: oneOf('EUR', 'JPY', 'KWD'),
    merchantId: oneOf('mer-3', 'mer-always', 'mer-credit'),
    customerId,
    ageDays: seldom(0, 40),
    saysUnits: oneOf<false | 'all' | 'some'>(false, 'all', 'some'),
  })
  .map(({ tenders, shares, parcels, ageDays, saysUnits, ...rest }): Wish => {
    const money = { shippingTaxAmount: 0, ...rest }
    const total = orderTotal(money)
    // With two parcels, the second carries the last line alone: with one line, both carry it.
    const lineIds = money.lines.filter(isGoods).map(({ lineId }) => lineId)
    const parts =
      parcels.length < 2 ? [lineIds] : [lineIds.length > 1 ? lineIds.slice(0, -1) : lineIds, lineIds.slice(-1)]
    return {
      ...money,
      name: 'random',
      placedAt: new Date(Date.now() - ageDays * 86_400_000).toISOString(),
      tenders: tenders.map((each, place) => ({
        ...each,
        // The first takes what the others leave.
        ...(place === 0 ? {} : { amount: Math.floor((total * (shares[place - 1] ?? 0)) / 100) }),
      })),
      parcels:
        lineIds.length === 0
          ? []
          : parcels.map((each, place) => ({ ...each, ...contentOf(money.lines, parts, place, saysUnits) })),
    }
  })

const randomOrder: fc.Arbitrary<RandomOrder> = wish.chain((placed) =>
  fc.record({
    wish: fc.constant(placed),
    atMs: oneOf(0, 400),
    requests: oneOf(1, 2, 3).chain((count) =>
      fc.array(request(placed.lines ?? []), { minLength: count, maxLength: count }),
    ),
    news:
      placed.parcels?.length === 0
        ? fc.constant([])
        : fc.array(
            fc.record({
              place: fc.integer({ min: 0, max: (placed.parcels?.length ?? 1) - 1 }),
              status: fc.constantFrom<ShipmentStatus[]>(
                'handed-over',
                'in-transit',
                'out-for-delivery',
                'delivered',
                'lost',
              ),
              atMs: soon,
            }),
            { maxLength: 1 },
          ),
    garbage: seldom(false, true),
  }),
)

/** So many orders; the same seed makes the same. */
export const randomOrders = (seed: number, count: number): RandomOrder[] =>
  fc.sample(randomOrder, { seed, numRuns: count })
