import { placedOrder, topics } from '@countermand/contracts'
import { openReadOnly } from '@countermand/database/read-only.ts'
import type { RunningService } from '@countermand/service'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { channels } from '../channels/index.ts'
import { payment } from '../handlers.ts'
import { creditIdOf } from '../ledger/accounts.ts'
import { checks } from '../store/checks.ts'
import { openGiftCards } from '../store/gift-cards.ts'
import { toldChannel } from './told-channel.ts'

let bus: Bus
let test: TestDatabase
let service: RunningService
let cards: ReturnType<typeof openGiftCards>
let reading: ReturnType<typeof openReadOnly>

beforeAll(async () => {
  const stack = inject('stack')
  test = await createTestDatabase(stack.databaseUrls.payment, 'payment_credits')
  const heard = [topics.sagaReplies, topics.credits, topics.refunds, `${topics.creditUses}.dlq`]
  bus = await createBus({ brokers: stack.kafkaBrokers, topics: heard })
  cards = openGiftCards(test.url, () => {})
  reading = openReadOnly('payment', test.url)
  const { channel } = toldChannel()
  // Looked at again at once: a card may be good again.
  const opened = channels({ sandbox: channel, giftCards: cards })
  const settings = { stepAttempts: 3, stepBackoffMs: 20, refundPatienceMs: 60_000 }
  const soon = { ...opened, 'gift-card': { ...opened['gift-card'], pollAfterMs: () => 100 } }
  service = await startService(payment(settings, soon), { bus, db: test }, { orderPatience: 1000 })
})
afterAll(async () => {
  await service?.stop()
  await cards?.close()
  await reading?.close()
  await bus?.stop()
  await test?.drop()
})

type TenderOf = Parameters<typeof placedOrder.parse>[0] & object
const accepted = (orderId: string, customerId: string, tender: TenderOf) =>
  bus.event(
    'order.accepted.v1',
    orderId,
    placedOrder.parse({
      ...{ orderId, customerId, merchantId: 'mer-1', market: 'DE', currency: 'EUR', placedAt: '2026-11-20T09:00:00Z' },
      lines: [{ lineId: '1', sku: 'SKU', quantity: 1, unitAmount: 100 }],
      tenders: [{ tenderId: 't1', amount: 100, ...tender }],
    }),
  )
const refund = (orderId: string) =>
  bus.command(
    'RefundOrder',
    {
      ...{ orderId, requestId: `req-${orderId}`, round: 1, amount: 100, currency: 'EUR' },
      ...{ refundTo: 'store-credit', fallback: 'bank-transfer' },
    },
    orderId,
  )
const card = { channel: 'sandbox-card', paymentRef: 'pay_1' }

const told = z.object({
  accountId: z.string(),
  balance: z.number(),
  customerId: z.string().optional(),
  giftCardId: z.string().optional(),
  entryId: z.string().optional(),
  spendId: z.string().optional(),
  code: z.string().optional(),
})
const toldOf = (accountId: string) =>
  bus.seen.flatMap(({ topic, key, value }) => {
    if (topic !== topics.credits || key !== accountId) return []
    return [told.parse(JSON.parse(String(value)))]
  })
const hears = (accountId: string, count: number) =>
  eventually(`${count} words of ${accountId}`, () => toldOf(accountId).length >= count && toldOf(accountId), 60_000)

const spend = (accountId: string, spendId: string, amount: number) => {
  const data = { accountId, spendId, amount, currency: 'EUR', at: '2026-11-20T10:00:00Z' }
  return bus.event('store-credit.spent.v1', accountId, data)
}
const cardIs = (giftCardId: string, status: 'active' | 'expired', at: string) =>
  bus.event('gift-card.changed.v1', giftCardId, { giftCardId, status, at })

const broken = async () =>
  (await Promise.all(checks.map((each) => offendingRows(reading.database, each, knownOf([], []))))).flat()

describe('store credit', () => {
  it('can be spent as far as refunds gave it, once for each name, by whoever is first', async () => {
    const owner = creditIdOf('store-credit', 'customer', 'cus-1')
    await bus.send(['ord-1', 'ord-2'].flatMap((each) => [accepted(each, 'cus-1', card), refund(each)]))
    const given = await hears(owner, 2)
    expect(given.map(({ balance, customerId }) => [balance, customerId])).toEqual([
      [100, 'cus-1'],
      [200, 'cus-1'],
    ])
    const bought = spend(owner, 'cart-1', 150)
    await bus.send([
      bought,
      bought,
      spend(owner, 'cart-1', 150),
      spend(owner, 'cart-2', 60),
      spend(owner, 'cart-3', 50),
    ])
    const spent = (await hears(owner, 5)).slice(2)
    expect(spent).toMatchObject([
      { balance: 50, spendId: 'cart-1' },
      { balance: 50, spendId: 'cart-2', code: 'too-little' },
      { balance: 0, spendId: 'cart-3' },
    ])
    const { rows } = await sql`select balance from credit_accounts where credit_id = ${owner}`.execute(test.database)
    expect(rows).toEqual([{ balance: 0 }])
  })

  it('that nobody has, or that is asked for in a way that makes no sense, is not spent, and it is said why', async () => {
    const nobody = creditIdOf('store-credit', 'customer', 'nobody')
    await bus.send([spend(nobody, 'cart-1', 5), spend(nobody, 'cart-2', 0)])
    expect(await hears(nobody, 1)).toMatchObject([{ code: 'unknown-account', balance: 0 }])
    const letter = await eventually('a dead letter', () =>
      bus.seen.find(({ topic, key }) => topic === `${topics.creditUses}.dlq` && key === nobody),
    )
    expect(letter.headers['dlq-error']).toContain('expected an amount of 1 or more')
  })

  it('is never spent twice by spendings that come at once, and every book agrees', async () => {
    const owner = creditIdOf('store-credit', 'customer', 'cus-2')
    await bus.send([accepted('ord-3', 'cus-2', card), refund('ord-3')])
    await hears(owner, 1)
    await bus.send(Array.from({ length: 30 }, (_, each) => spend(owner, `cart-${each}`, 7)))
    const words = await hears(owner, 31)
    expect(words.filter(({ entryId }) => entryId?.startsWith('spent/'))).toHaveLength(14)
    expect(words.filter(({ code }) => code === 'too-little')).toHaveLength(16)
    expect(await broken()).toEqual([])
  })
})

describe('a gift card', () => {
  it('that is expired gets nothing back, nor does anybody else, until it is active again', async () => {
    const owner = creditIdOf('gift-card', 'payment', 'gift-1')
    await bus.send([
      cardIs('gift-1', 'expired', '2026-11-20T10:00:00Z'),
      cardIs('gift-1', 'active', '2026-11-19T10:00:00Z'),
      accepted('ord-4', 'cus-4', { channel: 'gift-card', paymentRef: 'gift-1' }),
    ])
    await eventually('the word of the card', async () => (await cards.statusOf('gift-1')) === 'expired')
    await bus.send([refund('ord-4')])
    const waits = await eventually('the refund to wait for the merchant', () =>
      bus.seen.find(({ key, headers }) => key === 'ord-4' && headers.ce_type === 'refund.action-required.v1'),
    )
    expect(JSON.parse(String(waits.value))).toMatchObject({
      ...{ state: 'action-required', destination: 'gift-card' },
      action: { who: 'merchant', what: expect.stringContaining('gift card gift-1 is expired') },
    })
    expect([toldOf(owner), bus.answers('ord-4')]).toEqual([[], ['StepPending']])
    await bus.send([cardIs('gift-1', 'active', '2026-11-21T10:00:00Z')])
    expect(await hears(owner, 1)).toMatchObject([{ balance: 100, giftCardId: 'gift-1', customerId: 'cus-4' }])
    await eventually('its answer', () => bus.answers('ord-4').includes('RefundSettled'))
    expect(await broken()).toEqual([])
  })
})
