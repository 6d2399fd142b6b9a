import { setTimeout as sleep } from 'node:timers/promises'
import { refundIdOf } from '@countermand/payment/decide/next-refund.ts'
import { eventually } from '@countermand/testing'
import { type RawBuilder, sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

const found = z.record(z.string(), z.unknown())
const tenderId = 't1'
const amount = 3351
const keyOf = ({ orderId, requestId }: Request): string => refundIdOf(orderId, `${requestId}/${tenderId}`)

/** Makes the payment service wait where it would insert the same row. Call what it returns to let it go on. */
const holdUp = async (insert: RawBuilder<unknown>): Promise<() => Promise<void>> => {
  const transaction = await world.raw.payment.startTransaction().execute()
  await insert.execute(transaction)
  return async () => void (await transaction.rollback().execute())
}

const sameBooking = (request: Request) => sql`
  insert into sandbox.channel_book (idempotency_key, order_id, tender_id, payment_ref, amount, currency)
  values (${keyOf(request)}, ${request.orderId}, ${tenderId}, 'pay_ok', ${amount}, 'EUR')`
const samePosting = (refundId: string) => sql`
  insert into postings (posting_id, event, at) values (${`${refundId}/succeeded`}, 'succeeded', now())`
const samePivot = ({ orderId, requestId }: Request) => sql`
  insert into pivots (order_id, request_id) values (${orderId}, ${requestId})`

const patienceMs = 60_000
const exists = (what: string, select: string, parameter: string) =>
  eventually(what, async () => (await world.databases.payment.rows(found, select, [parameter])).length > 0, patienceMs)

/** The id of the refund, once it was committed to call the channel for it. */
const submitted = ({ requestId, workflowId }: Request): Promise<string> =>
  eventually(
    `the intent to refund for ${workflowId}`,
    async () => {
      const select = "select refund_id from refunds where request_id = $1 and state = 'submitted'"
      const [row] = await world.databases.payment.rows(z.object({ refund_id: z.string() }), select, [requestId])
      return row?.refund_id
    },
    patienceMs,
  )

const booked = ({ orderId }: Request) =>
  exists(`${orderId} in the channel's book`, 'select from sandbox.channel_book where order_id = $1', orderId)

const waitsAt = (table: string) =>
  exists(
    `payment to wait where it writes ${table}`,
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
    `%insert into ${table}%`,
  )

/** A request whose order is there, and that is not published yet. */
const prepared = async (name: string): Promise<Request> => shop.ask(await shop.place({ name }), {}, 'later')

const expectOneRefund = async (request: Request) => {
  expect(await request.ends(90_000)).toMatchObject({ outcome: 'cancelled', refunds: [{ amount, state: 'succeeded' }] })
  const { payment, order } = await request.story()
  expect(order).toMatchObject({ status: 'cancelled' })
  expect(payment.ledger.map(({ kind }) => kind)).toEqual(['capture', 'refund'])
  expect(payment.refunds).toHaveLength(1)
}

describe('a payment service that is killed', () => {
  it('before the pivot, after its intent, and after the channel moved the money refunds each once, and lets nobody turn back', async () => {
    const [intent, moved, before] = [await prepared('intent'), await prepared('moved'), await prepared('before')]
    const letIntentGo = await holdUp(sameBooking(intent))
    await intent.publish()
    await submitted(intent)
    await waitsAt('sandbox.channel_book')

    const letBook = await holdUp(sameBooking(moved))
    await moved.publish()
    const letEnter = await holdUp(samePosting(await submitted(moved)))
    await letBook()
    await booked(moved)
    await waitsAt('postings')

    const letCross = await holdUp(samePivot(before))
    await before.publish()
    await waitsAt('pivots')

    const { payment } = world.system.processes
    await payment.kill('SIGKILL')
    await Promise.all([intent.withdraw(), moved.withdraw()])
    await Promise.all([letIntentGo(), letEnter(), letCross()])
    await payment.restart()

    await Promise.all([intent, moved, before].map(expectOneRefund))
    for (const late of [intent, moved])
      expect(await late.hears('order.cancellation.input-rejected.v1')).toMatchObject({ code: 'too-late' })
  })
}, 120_000)

describe('payment and orchestrator, killed together with sagas in flight,', () => {
  it('go on where they were: each request has exactly one outcome', async () => {
    const refs = ['pay_ok', 'pay_lost_1', 'pay_slow_800', 'pay_refuse', 'pay_ok', 'pay_flaky_1']
    const parcels = [{ number: 'OK-1' }]
    const requests = await Promise.all(
      Array.from({ length: 12 }, async (_, place) => {
        const ref = refs[place % refs.length] ?? 'pay_ok'
        return {
          ref,
          request: await shop.ask(await shop.place({ name: `flight-${place}`, tenders: [{ ref }], parcels })),
        }
      }),
    )
    await exists('the first answer of payment', "select from steps where answer ->> 'type' = $1", 'RefundSettled')
    const { payment, orchestrator } = world.system.processes
    await Promise.all([payment.kill('SIGKILL'), orchestrator.kill('SIGKILL')])
    await sleep(200)
    await Promise.all([payment.restart(), orchestrator.restart()])

    for (const { ref, request } of requests) {
      const outcome = ref === 'pay_refuse' ? 'compensated' : 'cancelled'
      expect(await request.ends(90_000)).toMatchObject({ outcome })
    }
  })
}, 120_000)

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
