import { describe, expect, it } from 'vitest'
import { exampleLine, exampleOrder } from './examples.ts'
import { check } from './explain.ts'
import { acceptedOrder, placedOrder, shipmentUpdated, stockReceived } from './order-events.ts'

const order = exampleOrder
const line = exampleLine
const [tender] = order.tenders
const [parcel] = order.shipments
const told = (error: string | RegExp) => (typeof error === 'string' ? error : expect.stringMatching(error))

/** What a reader is told to be wrong with this data. */
const problems = (data: unknown): string | undefined => {
  const checked = check(placedOrder, JSON.parse(JSON.stringify(data)))
  return checked.ok ? undefined : checked.problems
}

const lines = (change: object) => ({ ...order, lines: [{ ...line, ...change }] })
const tenders = (change: object) => ({ ...order, tenders: [{ ...tender, ...change }] })
const shipments = (change: object) => ({ ...order, shipments: [{ ...parcel, ...change }] })
const rfc3339 = 'expected an RFC 3339 date and time such as 2026-11-20T09:00:00Z'

const noSku = 'expected the SKU of goods, by which they go back to stock, or the kind service, fee or digital'

const orderTroubles: readonly [string, unknown, string | RegExp][] = [
  ['a missing field', { ...order, merchantId: undefined }, 'merchantId: expected a text, got nothing'],
  ['an ill-typed field', { ...order, customerId: 7 }, 'customerId: expected a text, got 7'],
  ['a list that is none', { ...order, tenders: 'none' }, 'tenders: expected a list, got "none"'],
  [
    'a status outside the list',
    shipments({ status: 'teleported' }),
    /^shipments.0.status: expected one of label-created, .*, lost, got "teleported"$/,
  ],
  [
    'a channel outside the list',
    tenders({ channel: 'bitcoin' }),
    /^tenders.0.channel: expected one of sandbox-card, .*, got "bitcoin"$/,
  ],
  ['a quantity of 0', lines({ quantity: 0 }), 'lines.0.quantity: expected a quantity of 1 or more, got 0'],
  ['a quantity of -1', lines({ quantity: -1 }), 'lines.0.quantity: expected a quantity of 1 or more, got -1'],
  ['half a piece', lines({ quantity: 0.5 }), 'lines.0.quantity: expected a quantity, a whole number, got 0.5'],
  [
    'a quantity in words',
    lines({ quantity: 'two' }),
    'lines.0.quantity: expected a quantity, a whole number, got "two"',
  ],
  ['a negative amount', lines({ unitAmount: -1 }), 'lines.0.unitAmount: expected an amount of 0 or more, got -1'],
  [
    'a fractional amount',
    tenders({ amount: 33.51 }),
    'tenders.0.amount: expected an amount in minor units, a whole number, got 33.51',
  ],
  [
    'an amount as text',
    tenders({ amount: '3351' }),
    'tenders.0.amount: expected an amount in minor units, a whole number, got "3351"',
  ],
  [
    'an amount beyond safe integers',
    { ...order, shippingAmount: 2 ** 53 },
    /^shippingAmount: expected an amount in minor units/,
  ],
  [
    'a total beyond safe integers',
    lines({ unitAmount: Number.MAX_SAFE_INTEGER }),
    /^lines: expected a total that is a safe integer/,
  ],
  ['a date without time', { ...order, placedAt: '2026-11-20' }, `placedAt: ${rfc3339}, got "2026-11-20"`],
  [
    'a date without offset',
    { ...order, placedAt: '2026-11-20T09:00:00' },
    `placedAt: ${rfc3339}, got "2026-11-20T09:00:00"`,
  ],
  [
    'a day that does not exist',
    { ...order, placedAt: '2026-02-30T09:00:00Z' },
    `placedAt: ${rfc3339}, got "2026-02-30T09:00:00Z"`,
  ],
  ['a date as a number', { ...order, placedAt: 1_795_000_000 }, `placedAt: ${rfc3339}, got 1795000000`],
  [
    'a currency that never was',
    { ...order, currency: 'XXQ' },
    'currency: expected a currency of ISO 4217, such as EUR, got "XXQ"',
  ],
  [
    'a currency that is no more',
    { ...order, currency: 'DEM' },
    'currency: expected a currency of ISO 4217, such as EUR, got "DEM"',
  ],
  [
    'a currency in small letters',
    { ...order, currency: 'eur' },
    'currency: expected a currency of ISO 4217, such as EUR, got "eur"',
  ],
  [
    'an id of 129 characters',
    { ...order, orderId: 'o'.repeat(129) },
    'orderId: expected an id of at most 128 characters, got a text of 129 characters',
  ],
  ['an empty id', { ...order, orderId: '' }, 'orderId: expected an id, got ""'],
  [
    'an id that PostgreSQL cannot keep',
    { ...order, orderId: 'ord\0' },
    'orderId: expected an id of printable characters, which U+0000 is not, got "ord\\u0000"',
  ],
  [
    'an id that is no Unicode',
    { ...order, orderId: 'ord\ud800' },
    'orderId: expected an id of printable characters, which U+D800 is not, got "ord\\ud800"',
  ],
  ['no lines', { ...order, lines: [] }, 'lines: expected at least one line, got an empty list'],
  ['a price and no tenders', { ...order, tenders: [] }, 'tenders: expected tenders that add up to 3351, got 0'],
  ['a card without its payment', tenders({ paymentRef: '' }), 'tenders.0.paymentRef: expected an id, got ""'],
  ['tenders that do not add up', tenders({ amount: 3350 }), 'tenders: expected tenders that add up to 3351, got 3350'],
  [
    'a discount above the price',
    lines({ discountAmount: 2501 }),
    /^lines: expected a discount of at most the price of line 1, got 2501/,
  ],
  [
    'more rounded off than it costs',
    { ...order, roundingAmount: -3352, tenders: [] },
    'roundingAmount: expected a total of 0 or more, which makes -1, got -3352; tenders: expected tenders that add up to -1, got 0',
  ],
  [
    'a rounding that is none',
    { ...order, roundingAmount: 10_001 },
    'roundingAmount: expected a rounding of at most 10,000 minor units, got 10001',
  ],
  ['goods without a SKU', lines({ sku: undefined }), `lines.0.sku: ${noSku}, got nothing`],
  ['goods with an empty SKU', lines({ sku: '' }), `lines.0.sku: ${noSku}, got ""`],
  [
    'a kind of line that nobody knows',
    lines({ kind: 'gift' }),
    'lines.0.kind: expected one of goods, service, fee, digital, got "gift"',
  ],
  [
    'a service in a parcel',
    lines({ kind: 'service' }),
    'shipments: expected lineIds of goods, got 1, which is of kind service',
  ],
  [
    'a parcel with units of another order',
    shipments({ lines: [{ lineId: '9', quantity: 1 }] }),
    'shipments: expected lineIds of this order, got 9',
  ],
  [
    'parcels that hold more than was ordered',
    {
      ...order,
      shipments: ['a', 'b'].map((shipmentId) => ({ ...parcel, shipmentId, lines: [{ lineId: '1', quantity: 2 }] })),
    },
    'shipments: expected at most 2 of line 1 in parcels, got 4',
  ],
  [
    'a parcel that holds nothing',
    shipments({ lines: [] }),
    'shipments.0.lines: expected at least one line, or no `lines` when nobody says how many, got an empty list',
  ],
  [
    'a parcel with a line twice',
    shipments({
      lines: [
        { lineId: '1', quantity: 1 },
        { lineId: '1', quantity: 1 },
      ],
    }),
    /^shipments.0.lines: expected each lineId once/,
  ],
  ['a line twice', { ...order, lines: [line, line] }, /^lines: expected each lineId once/],
  ['a tender twice', { ...order, tenders: [tender, tender] }, /^tenders: expected each tenderId once/],
  ['a shipment twice', { ...order, shipments: [parcel, parcel] }, 'shipments: expected each shipmentId once'],
  [
    'a parcel with a line of another order',
    shipments({ lineIds: ['9'] }),
    'shipments: expected lineIds of this order, got 9',
  ],
  ['two troubles', { ...lines({ quantity: 0 }), currency: 'XXQ' }, /^currency: .*; lines.0.quantity: .*, got 0$/],
]

describe('an order', () => {
  it.each(orderTroubles)('with %s is a dead letter', (_what, data, error) => {
    expect(problems(data)).toEqual(told(error))
  })

  it('may have fields that nobody asked for, which are left out', () => {
    const strange = { ...order, giftWrap: true, lines: [{ ...line, colour: 'blue' }] }
    expect(check(placedOrder, strange)).toEqual({ ok: true, data: order })
  })

  it('may leave out what has a default', () => {
    const { shipments: _none, shippingAmount: _free, shippingTaxAmount: _untaxed, ...rest } = order
    const { discountAmount: _full, taxAmount: _gross, ...bare } = line
    const sent = { ...rest, lines: [bare], tenders: [{ ...tender, amount: 2500 }] }
    expect(check(placedOrder, sent)).toMatchObject({ ok: true, data: { shippingAmount: 0, shipments: [] } })
  })

  it('with hundreds of troubles names the first ten', () => {
    const bad = { ...order, lines: Array.from({ length: 500 }, () => ({ ...line, quantity: 0 })) }
    expect(problems(bad)).toMatch(/^lines.0.quantity: .*; lines.9.quantity: .*; and 490 more$/)
  })
})

describe('news of a parcel', () => {
  const news = { ...parcel, orderId: 'ord-1001', at: '2026-11-20T09:00:00+01:00' }

  it('need not say which lines it holds', () => {
    const { lineIds: _all, ...short } = news
    expect(check(shipmentUpdated, short).ok).toBe(true)
  })

  it('needs its time and a known status', () => {
    const told = check(shipmentUpdated, { ...news, at: 'now', status: 'teleported' })
    expect(told).toMatchObject({ ok: false, problems: expect.stringMatching(/^status: .*; at: .*, got "now"$/) })
  })
})

describe('news of stock', () => {
  it('needs a positive quantity', () => {
    const received = { sku: 'SKU-MUG', quantity: 5, at: '2026-11-20T09:00:00Z' }
    expect(check(stockReceived, received)).toEqual({ ok: true, data: received })
    expect(check(stockReceived, { ...received, quantity: 0 })).toMatchObject({ ok: false })
  })
})

describe('an order', () => {
  const free = {
    ...order,
    lines: [{ lineId: '1', sku: 'SKU-GIFT', quantity: 1, unitAmount: 0 }],
    ...{ shippingAmount: 0, shippingTaxAmount: 0, shipments: [] },
  }

  it.each([
    ['no tender', []],
    ['a tender of nothing', [{ tenderId: 't1', channel: 'sandbox-card', amount: 0, paymentRef: 'pay_0' }]],
  ])('that costs nothing has %s', (_, tenders) => {
    const placed = placedOrder.parse({ ...free, tenders })
    expect(placed.tenders).toEqual(tenders)
    expect(acceptedOrder.parse(placed)).toEqual(placed)
  })

  it('may be rounded, so that it can be paid in coins', () => {
    const [card] = order.tenders
    for (const roundingAmount of [-1, 4]) {
      const placed = placedOrder.parse({
        ...order,
        roundingAmount,
        tenders: [{ ...card, amount: 3351 + roundingAmount }],
      })
      expect(acceptedOrder.parse(placed)).toEqual(placed)
    }
  })

  it('of a guest has no customer, said or not', () => {
    const { customerId: _, ...guest } = order
    for (const sent of [guest, { ...guest, customerId: null }])
      expect(check(placedOrder, sent)).toEqual({ ok: true, data: guest })
    expect(check(acceptedOrder, guest)).toEqual({ ok: true, data: guest })
  })

  it('may have lines that are not kept in stock, with a SKU, without, or with an empty one', () => {
    const shipment = { ...parcel, lineIds: undefined }
    const sent = (sku: object) => ({ ...order, lines: [line, { ...line, lineId: '2', kind: 'fee', ...sku }] })
    const tenders = [{ ...tender, amount: 6134 }]
    for (const [sku, kept] of [
      [{ sku: 'SKU-FEE' }, 'SKU-FEE'],
      [{ sku: undefined }, undefined],
      [{ sku: null }, undefined],
      [{ sku: '' }, undefined],
    ] as const) {
      const checked = check(placedOrder, { ...sent(sku), tenders, shipments: [shipment] })
      if (!checked.ok) throw new Error(checked.problems)
      const fee = checked.data.lines[1]
      expect(fee).toMatchObject({ kind: 'fee', unitAmount: 1250 })
      expect(fee?.sku).toBe(kept)
      expect(fee !== undefined && 'sku' in fee).toBe(kept !== undefined)
      expect(acceptedOrder.parse(checked.data)).toEqual(checked.data)
    }
  })

  it('may say how many units its parcels hold, of which some may replace what was lost', () => {
    const holding = (shipmentId: string, status: string) => ({
      ...parcel,
      shipmentId,
      status,
      lines: [{ lineId: '1', quantity: 2 }],
    })
    const sent = { ...order, shipments: [holding('a', 'lost'), holding('b', 'in-transit')] }
    expect(check(placedOrder, sent)).toEqual({ ok: true, data: sent })
    expect(check(acceptedOrder, sent)).toEqual({ ok: true, data: sent })
  })

  it('that costs nothing need not say that nothing was paid', () => {
    const { tenders: _, ...unsaid } = free
    expect(placedOrder.parse(unsaid).tenders).toEqual([])
  })

  it('to be paid at the door knows no payment, said or not', () => {
    for (const known of [{}, { paymentRef: '' }]) {
      const tenders = [{ tenderId: 't1', channel: 'cash-on-delivery', amount: 3351, ...known }]
      const placed = placedOrder.parse({ ...order, tenders })
      expect(placed.tenders).toMatchObject([{ paymentRef: '' }])
      expect(acceptedOrder.parse(placed)).toEqual(placed)
    }
  })
})
