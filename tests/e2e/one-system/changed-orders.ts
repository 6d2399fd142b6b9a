import { randomUUID } from 'node:crypto'
import type { EventData, PlacedOrder } from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import { openShop, type Shop } from '../shop.ts'
import { world } from './system.ts'

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

/** Its merchant is always asked. */
const place = (name: string) => shop.place({ name, merchantId: 'mer-always' })

type Change = Partial<EventData<'order.changed.v1'>>

const change = async ({ orderId }: PlacedOrder, what: Change): Promise<string> => {
  const changeId = randomUUID()
  const data = { orderId, changeId, at: new Date().toISOString(), ...what }
  await world.outside.publish('order.changed.v1', orderId, data)
  return changeId
}

const bowl = { lineId: 'bowl', sku: 'SKU-BOWL', quantity: 1, unitAmount: 700, discountAmount: 0, taxAmount: 50 }
const card = { tenderId: 't9', channel: 'sandbox-card', amount: 750, paymentRef: 'pay_ok_9' } as const
const oneMore: Change = { lines: { added: [bowl], changed: [], removed: [] }, tenders: { added: [card], changed: [] } }

/** What everybody knows of the order: its version. */
const versions = async ({ orderId }: PlacedOrder): Promise<number[]> => {
  const of = async (owner: 'inventory' | 'logistics' | 'payment', table: string) => {
    const { rows } = await sql<{ version: number }>`
      select version from ${sql.table(table)} where order_id = ${orderId}`.execute(world.raw[owner])
    return rows.map(({ version }) => version)
  }
  return (
    await Promise.all([of('inventory', 'reservations'), of('logistics', 'logistics_orders'), of('payment', 'orders')])
  ).flat()
}
const isKnown = (order: PlacedOrder, version: number) =>
  eventually(`version ${version} of ${order.orderId}`, async () => {
    const known = await versions(order)
    return known.length === 3 && known.every((each) => each === version) ? true : undefined
  })

const cancelAll = async (order: PlacedOrder, lines?: { lineId: string; quantity: number }[]) => {
  const request = await shop.ask(order, lines && { lines })
  await request.hears('order.cancellation.awaiting-merchant.v1')
  return request
}

it('an order that was changed is cancelled as it is now, in every service', async () => {
  const order = await place('changed')
  await change(order, oneMore)
  await eventually('the change', async () => {
    const { rows } = await sql`select 1 from orders where order_id = ${order.orderId} and edits is not null`.execute(
      world.raw.order,
    )
    return rows[0]
  })
  // At once: whoever has not heard of the change waits for it.
  const request = await cancelAll(order)
  await request.decide('approve')
  const end = await request.ends()
  expect(end).toMatchObject({ outcome: 'cancelled' })
  const paid = order.tenders.reduce((sum, { amount }) => sum + amount, 0) + card.amount
  expect('refunds' in end && end.refunds?.reduce((sum, { amount }) => sum + amount, 0)).toBe(paid)
})

it('a change that comes while a saga holds the order is made after it, or told as refused', async () => {
  const [kept, gone] = await Promise.all([place('kept'), place('gone')])
  const requests = await Promise.all([cancelAll(kept), cancelAll(gone)])
  const [waits, refused] = await Promise.all([change(kept, oneMore), change(gone, oneMore)])
  const changesOf = async ({ orderId }: PlacedOrder) => (await world.story(orderId)).order?.changes ?? []
  for (const order of [kept, gone])
    await eventually('the change that waits', async () =>
      (await changesOf(order)).some(({ status }) => status === 'waiting') ? true : undefined,
    )
  const shown = await world.saga('show', kept.orderId)
  expect(shown.stdout).toContain(
    `${waits}  waits until request ${requests[0]?.requestId} has ended: 1 line added, 1 tender added`,
  )
  await Promise.all([requests[0]?.decide('reject'), requests[1]?.decide('approve')])
  await Promise.all(requests.map((request) => request.ends()))
  await isKnown(kept, 2)
  const told = await eventually('the refusal', async () => {
    const { rows } = await sql<{ value: string }>`
      select convert_from(value, 'UTF8') as value from outbox
      where headers ->> 'ce_type' = 'order.change.refused.v1'`.execute(world.raw.order)
    return rows.map(({ value }) => JSON.parse(value)).find(({ changeId }) => changeId === refused)
  })
  expect(told).toMatchObject({ orderId: gone.orderId, code: 'nothing-left' })
  expect(await changesOf(gone)).toMatchObject([{ changeId: refused, status: 'refused', change: null }])
  expect(await changesOf(kept)).toMatchObject([{ changeId: waits, status: 'made', change: null }])
})

it('what is left of an order can be edited away after a part was cancelled, and nothing is given back twice', async () => {
  const order = await place('part')
  await change(order, oneMore)
  // They come on topics of their own: a request for a line that nobody has heard of is refused.
  await isKnown(order, 2)
  const one = await cancelAll(order, [{ lineId: 'bowl', quantity: 1 }])
  await one.decide('approve')
  expect(await one.ends()).toMatchObject({ outcome: 'lines-cancelled' })
  await change(order, { lines: { added: [], changed: [], removed: ['bowl'] } })
  await isKnown(order, 3)
  const rest = await cancelAll(order)
  await rest.decide('approve')
  expect(await rest.ends()).toMatchObject({ outcome: 'cancelled' })
})

it('leaves everything as the invariants want it, and a change that does not fit as a dead letter in words', async () => {
  const order = await place('unfit')
  const changeId = await change(order, { lines: { added: [], changed: [], removed: ['nothing'] } })
  const letter = await eventually('the dead letter', async () =>
    (await world.deadLetters()).find(({ error }) => error?.includes(changeId)),
  )
  expect(letter).toMatchObject({ reason: 'invalid-data' })
  expect(letter.error).toContain(`expected a line of order ${order.orderId}, got nothing`)
  expect((await world.verify()).violations).toEqual([])
})
