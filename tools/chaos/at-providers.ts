import { createHash } from 'node:crypto'
import type { Wish } from '../shop/wish.ts'
import type { RandomOrder } from './random-orders.ts'

/** Orders of the mix whose money and parcels are at real channels and carriers: what the sandbox does with them, the stand-ins do. */

type Tender = NonNullable<Wish['tenders']>[number]
type Parcel = NonNullable<Wish['parcels']>[number]

/** What the stand-ins call what the sandbox's payments do. */
const payments: Readonly<Record<string, string>> = {
  ...{ pay_ok: 'ok', pay_slow_300: 'late_300', pay_refuse: 'unrefundable', pay_flaky_2: 'flaky_2' },
  ...{ pay_lost_1: 'lost_1', pay_late_refuse_200: 'fail', pay_down: 'poor' },
}
/** PayPal's names have capital letters and digits alone. */
const inPaypal = (name: string): string => name.toUpperCase().replace(/_(\d+)/, '$1X')
/** Of UPS, what the sandbox's parcels do. */
const parcels: readonly (readonly [RegExp, string])[] = [
  ...([
    [/^REFUSE/, 'REFUSE'],
    [/^FLAKY/, 'FLAKY'],
    [/^SILENT/, 'SILENT'],
    [/^NORESUME/, 'NORESUME'],
  ] as const),
  ...([
    [/^DOWN/, 'SAYSNO'],
    [/^/, 'OK'],
  ] as const),
]

/** The same for the same name: a seed makes the same orders again. */
const unlike = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 16)
/** More than any order's. */
const paid = 99_999_999

const providers = ['stripe', 'paypal', 'alipay', 'wechat-pay', undefined] as const
type Provider = (typeof providers)[number]

/** Those that know of no other currency. */
const isInYuan = (provider: Provider): provider is 'alipay' | 'wechat-pay' =>
  provider === 'alipay' || provider === 'wechat-pay'

const paidAt = (tender: Tender, currency: string, provider: Provider, name: string): Tender => {
  const behaves = payments[tender.ref]
  if (provider === undefined || behaves === undefined) return tender
  if (isInYuan(provider))
    return { ...tender, channel: provider, ref: `${behaves}_${unlike(name).slice(0, 9)}`, paidTotal: paid }
  // PayPal takes no dinars.
  if (provider === 'paypal' && currency === 'EUR')
    return { ...tender, channel: 'paypal', ref: `${inPaypal(behaves)}${unlike(name).toUpperCase()}ZOF${paid}` }
  return { ...tender, channel: 'stripe', ref: `pi_${behaves}_${unlike(name)}_of${paid}_in${currency.toLowerCase()}` }
}

const carriedBy = (parcel: Parcel, carrier: 'ups' | 'acme' | undefined, name: string): Parcel => {
  const { number, status = 'label-created' } = parcel
  if (carrier === undefined) return parcel
  if (carrier === 'acme') return { ...parcel, carrier, number: `${number}-${unlike(name)}` }
  const habit = parcels.find(([is]) => is.test(number))?.[1] ?? 'OK'
  const place = status === 'label-created' ? 'L' : 'R'
  return { ...parcel, carrier, number: `1Z${place}${habit}${unlike(name).toUpperCase()}`.slice(0, 18).padEnd(18, '0') }
}

const carriers = ['ups', 'acme', undefined] as const

/** The same order, at a provider and with a carrier that `draw` chooses; in some cases as it was. `name`: of this order alone. */
export const atProviders = (random: RandomOrder, draw: number, name: string): RandomOrder => {
  const { tenders, parcels: sent, currency: given = 'EUR', ...wish } = random.wish
  const provider = providers[draw % providers.length]
  const currency = isInYuan(provider) ? 'CNY' : given
  const carrier = carriers[Math.floor(draw / providers.length) % carriers.length]
  return {
    ...random,
    wish: {
      ...{ ...wish, currency },
      ...(tenders && { tenders: tenders.map((each, place) => paidAt(each, currency, provider, `${name}/t${place}`)) }),
      ...(sent && { parcels: sent.map((each, place) => carriedBy(each, carrier, `${name}/p${place}`)) }),
    },
  }
}

const isProviders = ({ channel }: Tender): boolean =>
  channel !== undefined && providers.some((each) => each === channel)

/** Whether anything of it is at a provider: then what breaks there may use up its attempts. */
export const isAtProviders = ({ wish: { tenders = [], parcels: sent = [] } }: RandomOrder): boolean =>
  tenders.some(isProviders) || sent.some(({ carrier }) => carrier !== undefined)
