import { type CommandData, placedOrder } from '@countermand/contracts'
import { openReadOnly } from '@countermand/database/read-only.ts'
import type { RunningService } from '@countermand/service'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import { type Bus, createBus, createTestDatabase, eventually, longestId, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { openSandboxBook, type SandboxBook } from '../channels/sandbox-book.ts'
import { payment } from '../handlers.ts'
import { checks } from '../store/checks.ts'

let bus: Bus
let test: TestDatabase
let book: SandboxBook
let service: RunningService
let reading: ReturnType<typeof openReadOnly>

const start = () =>
  startService(
    payment({ stepAttempts: 3, stepBackoffMs: 20, refundPatienceMs: 1500 }, channels({ sandbox: book })),
    { bus, db: test },
    { orderPatience: 1000 },
  )

beforeAll(async () => {
  const stack = inject('stack')
  test = await createTestDatabase(stack.databaseUrls.payment, 'payment_service')
  bus = await createBus({ brokers: stack.kafkaBrokers, topics: ['saga.replies.v1', 'payments.refunds.v1'] })
  book = openSandboxBook(test.url, () => {})
  reading = openReadOnly('payment', test.url)
  service = await start()
})
afterAll(async () => {
  await service?.stop()
  await book?.close()
  await reading?.close()
  await bus?.stop()
  await test?.drop()
})

/** An order with one card of 100 for each reference. */
const accepted = (orderId: string, ...references: string[]) => {
  const tenders = references.map((paymentRef, n) => ({
    tenderId: `t${n}`,
    channel: 'sandbox-card',
    amount: 100,
    paymentRef,
  }))
  const data = placedOrder.parse({
    orderId,
    customerId: 'cus-1',
    merchantId: 'mer-1',
    market: 'DE',
    currency: 'EUR',
    placedAt: '2026-11-20T09:00:00Z',
    lines: [{ lineId: '1', sku: 'SKU', quantity: tenders.length, unitAmount: 100 }],
    tenders,
  })
  return bus.event('order.accepted.v1', orderId, data)
}
const refund = (orderId: string, replyTo: string, fields: Partial<CommandData<'RefundOrder'>> = {}) =>
  bus.command(
    'RefundOrder',
    {
      orderId,
      requestId: `req-${orderId}`,
      round: 1,
      amount: 100,
      currency: 'EUR',
      refundTo: 'original',
      fallback: 'attention',
      ...fields,
    },
    replyTo,
  )
const forbid = (orderId: string, replyTo: string) =>
  bus.command('ForbidRefund', { orderId, requestId: `req-${orderId}`, round: 1 }, replyTo)
const answersOf = (replyTo: string, ...expected: string[]) =>
  eventually(
    `${expected.join(', ')} to ${replyTo}, got ${bus.answers(replyTo).join()}`,
    () => bus.answers(replyTo).length >= expected.length,
  ).then(() => expect(bus.answers(replyTo)).toEqual(expected))

/** What `saga verify` would find of this service, by what each check says. */
const broken = async () => {
  const found: Record<string, readonly unknown[]> = {}
  for (const check of checks) {
    const rows = await offendingRows(reading.database, check, knownOf([], []))
    if (rows.length > 0) found[check.says] = rows
  }
  return found
}

describe('the payment service', () => {
  it('calls, polls and tells of a refund all of whose ids are as long as ids may be', async () => {
    const [orderId, requestId] = [longestId('order'), longestId('request')]
    const references = [longestId('payment', 'pay_slow_300_'), longestId('late', 'pay_late_refuse_300_')]
    const placed = placedOrder.parse(JSON.parse(String(accepted(orderId, ...references).value)))
    const tenders = placed.tenders.map((tender) => ({ ...tender, tenderId: longestId(tender.tenderId) }))
    const data = { ...placed, tenders }
    const asked = { orderId, requestId, round: 1, amount: 200, currency: 'EUR', refundTo: 'original' } as const
    await bus.send([
      bus.event('order.accepted.v1', orderId, data),
      bus.command('RefundOrder', { ...asked, fallback: 'bank-transfer' }, 'longest'),
    ])
    await answersOf('longest', 'StepPending', 'StepPending', 'RefundSettled')
    const { rows } = await sql`select 1 from tasks where order_id = ${orderId}`.execute(test.database)
    expect(rows).toEqual([])
    await eventually(
      'what is told of it',
      () =>
        bus.seen.filter(({ topic, key, value }) => {
          const told = JSON.parse(String(value))
          return (
            topic === 'payments.refunds.v1' &&
            key === orderId &&
            told.requestId === requestId &&
            told.state === 'succeeded'
          )
        }).length === 2,
    )
  })

  it.each([
    ['pay_ok', ['RefundSettled']],
    ['pay_slow_300', ['StepPending', 'RefundSettled']],
    ['pay_refuse', ['RefundRefused']],
    ['pay_flaky_2', ['RefundSettled']],
    ['pay_lost_2', ['RefundSettled']],
    ['pay_late_refuse_300', ['StepPending', 'RefundStuck']],
    ['pay_slow_3000', ['StepPending', 'RefundStuck']],
    ['pay_down', ['StepFailed']],
  ])('answers a refund of %s with %j', async (reference, expected) => {
    await bus.send([accepted(reference, reference), refund(reference, reference)])
    await answersOf(reference, ...expected)
  })

  it('goes on with the next round where the last one failed', async () => {
    await bus.send([refund('pay_down', 'second round', { round: 2 })])
    await answersOf('second round', 'RefundSettled')
    await bus.send([refund('pay_late_refuse_300', 'elsewhere', { round: 2, elsewhere: 'store-credit' })])
    await answersOf('elsewhere', 'RefundSettled')
  })

  it('gives duplicates the stored answer, and tells the refund in public once', async () => {
    await bus.send([refund('pay_ok', 'again'), refund('pay_ok', 'and again')])
    await answersOf('again', 'RefundSettled')
    await answersOf('and again', 'RefundSettled')
    const told = () => bus.seen.filter((each) => each.key === 'pay_ok' && each.topic === 'payments.refunds.v1')
    await eventually('both events', () => told().length === 2)
    expect(told().map((each) => each.headers.ce_type)).toEqual(['refund.submitted.v1', 'refund.succeeded.v1'])
  })

  it('shows a reversal in the ledger and in public', async () => {
    await bus.send([accepted('rev', 'pay_reverse_300'), refund('rev', 'rev')])
    await answersOf('rev', 'RefundSettled')
    await eventually('the reversal', () => bus.seen.some((each) => each.headers.ce_type === 'refund.reversed.v1'))
    const { rows } = await sql`select refunded from tenders where order_id = 'rev'`.execute(test.database)
    expect(rows).toEqual([{ refunded: 0 }])
  })

  it('hears of a pending refund also after it was stopped and started again', async () => {
    await bus.send([accepted('restart', 'pay_slow_600'), refund('restart', 'restart')])
    await answersOf('restart', 'StepPending')
    await service.stop()
    service = await start()
    await answersOf('restart', 'StepPending', 'RefundSettled')
  })

  it('lets a refund or its withdrawal win, never both', async () => {
    const orders = Array.from({ length: 30 }, (_, n) => `race-${n}`)
    await bus.send(orders.map((id) => accepted(id, 'pay_lost_1', 'pay_ok')))
    const commands = orders.map((id, n) => {
      const asked = refund(id, `${id} do`, { amount: 200 })
      return n % 2 === 0 ? [asked, forbid(id, `${id} undo`)] : [forbid(id, `${id} undo`), asked]
    })
    await bus.send(commands.flat())
    const outcomes = new Set<string>()
    for (const id of orders) {
      const undo = (await bus.answer(`${id} undo`)).type
      const done = (await bus.answer(`${id} do`)).type
      outcomes.add(`${undo} ${done}`)
    }
    expect([...outcomes].sort()).toEqual(['MoneyMoved RefundSettled', 'NothingMoved Undone'])
  })

  it('has a ledger that says what the channels say, once all is quiet', async () => {
    await eventually('the ledger to follow the book', async () => Object.keys(await broken()).length === 0)
    const { rows } = await sql<{ kind: string }>`select distinct kind from tasks`.execute(test.database)
    expect(rows).toEqual([])
  })
})
