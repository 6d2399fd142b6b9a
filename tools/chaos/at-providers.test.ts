import { expect, it } from 'vitest'
import { behaviours as ofAlipay } from '../stand-ins/alipay/stand-in.ts'
import { behaviourOf as ofPaypal } from '../stand-ins/paypal/behaviour.ts'
import { behaviourIn } from '../stand-ins/refund-book.ts'
import { behaviourOf as ofStripe } from '../stand-ins/stripe/behaviour.ts'
import { behaviours as ofWechatPay } from '../stand-ins/wechat-pay/stand-in.ts'
import { atProviders, isAtProviders } from './at-providers.ts'
import { foreseenOf } from './foreseen.ts'
import { plainOrder } from './mix.ts'
import { randomOrders } from './random-orders.ts'

const draws = Array.from({ length: 15 }, (_, draw) => draw)
const orders = randomOrders(7, 60).flatMap((order, place) =>
  draws.map((draw) => atProviders(order, draw, `${place}/${draw}`)),
)

it('gives each order to what the draw chooses, and its behaviours to stand-ins that know them', () => {
  const tenders = orders.flatMap(({ wish }) => wish.tenders ?? [])
  for (const { channel, ref } of tenders)
    if (channel === 'stripe') expect(ofStripe(ref), ref).toBeDefined()
    else if (channel === 'paypal') expect(ofPaypal(ref), ref).toBeDefined()
    else if (channel === 'alipay') expect(behaviourIn(ofAlipay, ref), ref).toBeDefined()
    else if (channel === 'wechat-pay') expect(behaviourIn(ofWechatPay, ref), ref).toBeDefined()
  expect(new Set(tenders.map(({ channel }) => channel))).toEqual(
    new Set([
      ...['sandbox-card', 'sandbox-wallet', 'stripe', 'paypal', 'alipay', 'wechat-pay'],
      ...['gift-card', 'store-credit', 'cash-on-delivery'],
    ]),
  )
})

it('gives UPS numbers that it has, each another, and keeps the sandbox’s where none is drawn', () => {
  const parcels = orders.flatMap(({ wish }) => wish.parcels ?? [])
  const ups = parcels.filter(({ carrier }) => carrier === 'ups').map(({ number }) => number)
  for (const number of ups) expect(number).toMatch(/^1Z[LR](OK|REFUSE|SILENT|FLAKY|NORESUME|SAYSNO)[0-9A-F]+$/)
  for (const number of ups) expect(number).toHaveLength(18)
  expect(new Set(ups).size).toBe(ups.length)
  expect(new Set(parcels.map(({ carrier }) => carrier))).toEqual(new Set(['ups', 'acme', undefined]))
})

it('leaves an order alone that is at no provider', () => {
  const plain = plainOrder('plain')
  expect(atProviders(plain, 14, 'one').wish.tenders).toEqual(plain.wish.tenders)
  expect(isAtProviders(atProviders(plain, 14, 'one'))).toBe(false)
  expect(isAtProviders(atProviders(plain, 0, 'one'))).toBe(true)
})

it('foresees that what breaks at a provider may need a person, and nothing of it elsewhere', () => {
  expect(foreseenOf(atProviders(plainOrder('plain'), 0, 'one')).attention).toContain('step-failed')
  expect(foreseenOf(plainOrder('plain')).attention).not.toContain('step-failed')
})
