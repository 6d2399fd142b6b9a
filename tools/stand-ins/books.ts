import { type ChannelName, channelName, formatAmount, minorUnitDigits } from '@countermand/contracts'
import type { ReadDatabase } from '@countermand/database'
import { fromStripe } from '@countermand/providers/stripe-money.ts'
import { z } from 'zod'
import type { Bank } from './bank/started.ts'
import { type Crew, type CrewName, crewNames, type StandInProcess } from './crew.ts'

/** The books of payment providers' stand-ins against ours: what moved once there has moved once here, and nothing else did. */

/** A refund as payment has it, that its own channel gives back. */
export interface Ours {
  readonly account: string
  readonly refundId: string
  readonly state: string
  /** Minor units. */
  readonly amount: number
  readonly currency: string
}

/** An entry of a provider's book. */
export interface Theirs {
  readonly account: string
  /** Our id, as the provider has kept it; absent: nobody here asked for it. */
  readonly refundId: string | undefined
  readonly ref: string
  readonly state: 'pending' | 'moved' | 'failed'
  readonly amount: number
  readonly currency: string
}

const money = ({ amount, currency }: Pick<Ours, 'amount' | 'currency'>): string =>
  formatAmount(amount, currency, minorUnitDigits(currency))

const aboutOne = (ours: Ours, entries: readonly Theirs[]): string[] => {
  const live = entries.filter(({ state }) => state !== 'failed')
  const other = live.find(({ amount, currency }) => amount !== ours.amount || currency !== ours.currency)
  const name = `${ours.account}: refund ${ours.refundId}, ${money(ours)} and ${ours.state} here:`
  if (live.length > 1) return [`${name} expected to be made once there, got ${live.map(({ ref }) => ref).join(', ')}`]
  if (other !== undefined) return [`${name} expected the same amount there, got ${money(other)}`]
  if (ours.state === 'succeeded' && live[0]?.state !== 'moved')
    return [`${name} expected to have moved there, got ${live[0]?.state ?? 'nothing'}`]
  if (ours.state === 'pending' && entries.length === 0) return [`${name} expected to be known there, got nothing`]
  const isOver = ['planned', 'failed', 'reversed'].includes(ours.state)
  return isOver && live.length > 0 ? [`${name} expected no money to have moved there, got ${live[0]?.ref}`] : []
}

/** What is not the same in both, in words. */
export const bookDifferences = (ours: readonly Ours[], theirs: readonly Theirs[]): string[] => {
  const known = new Map(ours.map((each) => [each.refundId, each]))
  const strangers = theirs.filter(({ refundId = '', state }) => state !== 'failed' && !known.has(refundId))
  return [
    ...strangers.map((each) => `${each.account}: expected nobody to have asked for ${each.ref}, got ${money(each)}`),
    ...ours.flatMap((each) =>
      aboutOne(
        each,
        theirs.filter(({ account, refundId }) => account === each.account && refundId === each.refundId),
      ),
    ),
  ]
}

/** By account and currency, `stripe-eu EUR`: what has left and stayed away, in minor units. */
export type Sums = Readonly<Record<string, number>>

/** What has left, by an account's book, of refunds that are settled here too: others are on their way. */
export const movedThere = (ours: readonly Ours[], theirs: readonly Theirs[]): Sums => {
  const settled = new Set(ours.filter(({ state }) => state === 'succeeded').map(({ refundId }) => refundId))
  const moved = theirs.filter(({ state, refundId = '' }) => state === 'moved' && settled.has(refundId))
  const grouped = Map.groupBy(moved, ({ account, currency }) => `${account} ${currency}`)
  return Object.fromEntries(
    [...grouped].map(([name, each]) => [name, each.reduce((sum, { amount }) => sum + amount, 0)]),
  )
}

const ourRow = z.object({
  ...{ account: z.string(), refundId: z.string(), state: z.string(), currency: z.string() },
  amount: z.coerce.number().pipe(z.int()),
})

/** Those of the crew that money goes back through. */
const isPayer = (name: CrewName): name is CrewName & ChannelName => channelName.safeParse(name).success
const payers = crewNames.filter(isPayer)

const accountsOf = (crew: Crew) => Object.fromEntries(payers.map((name) => [name, crew[name].account]))

/** Payment's refunds of these channels that go back through them; of what was only held, none does. */
export const readOurs = async (payment: ReadDatabase, crew: Crew): Promise<Ours[]> => {
  const rows = await payment.rows(
    ourRow,
    `select tenders.channel as account, refund_id as "refundId", refunds.state, refunds.amount, refunds.currency
    from refunds join tenders using (order_id, tender_id)
    where channel in (${payers.map((name) => `'${name}'`)}) and destination = 'original'`,
  )
  const accounts: Readonly<Record<string, string>> = accountsOf(crew)
  return rows.map((row) => ({ ...row, account: accounts[row.account] ?? row.account }))
}

const sumRow = z.object({ owner: z.string(), currency: z.string(), left: z.coerce.number().pipe(z.int()) })

/** What the ledger says has left each account by refunds, and not come back. */
export const readLedger = async (payment: ReadDatabase, crew: Crew): Promise<Sums> => {
  const sums = await payment.rows(
    sumRow,
    `select owner, currency, -sum(amount) as "left"
    from accounts join entries using (account_id) join postings using (posting_id)
    where kind = 'provider' and event in ('succeeded', 'reversed')
    group by owner, currency having sum(amount) <> 0`,
  )
  const accounts: readonly string[] = Object.values(accountsOf(crew))
  return Object.fromEntries(
    sums.flatMap(({ owner, currency, left }) => (accounts.includes(owner) ? [[`${owner} ${currency}`, left]] : [])),
  )
}

const entry = { id: z.string(), amount: z.int(), payment: z.string() }
const stripeEntry = z.object({ ...entry, status: z.string(), metadata: z.record(z.string(), z.string()) })
const paypalEntry = z.object({ ...entry, status: z.string(), invoiceId: z.string().optional() })

/** Those whose stand-ins keep a refund book, in fen: all but the first two. */
const inYuan = payers.filter((name) => name !== 'stripe' && name !== 'paypal')
const bookEntry = z.object({ ...entry, status: z.string(), number: z.string() })

const stateOf = (status: string): Theirs['state'] => {
  if (['succeeded', 'COMPLETED', 'SUCCESS', 'BOUNCED'].includes(status)) return 'moved'
  return ['failed', 'canceled', 'FAILED', 'CANCELLED', 'CLOSED', 'TO_MERCHANT'].includes(status) ? 'failed' : 'pending'
}

/** Payments of the stand-ins say their currency in their ids. */
const currencyIn = (payment: string): string => (/(?:_in|ZIN)([A-Za-z]{3})/.exec(payment)?.[1] ?? 'EUR').toUpperCase()

const readBook = async ({ account, control }: StandInProcess): Promise<Theirs[]> =>
  z
    .array(bookEntry)
    .parse(await control.tell('GET /book'))
    .map(({ id: ref, number: refundId, amount, status }) => {
      return { account, ref, amount, currency: 'CNY', state: stateOf(status), refundId }
    })

/** What the stand-ins' books have. */
export const readTheirs = async (crew: Crew): Promise<Theirs[]> => {
  const { stripe, paypal } = crew
  const ofStripe = z.array(stripeEntry).parse(await stripe.control.tell('GET /book'))
  const ofPaypal = z.array(paypalEntry).parse(await paypal.control.tell('GET /book'))
  return [
    ...ofStripe.map(({ id: ref, amount, payment, status, metadata }) => {
      const currency = currencyIn(payment)
      const common = { account: stripe.account, ref, currency, state: stateOf(status), refundId: metadata.refundId }
      return { ...common, amount: fromStripe(amount, currency) }
    }),
    ...ofPaypal.map(({ id: ref, amount: hundredths, payment, status, invoiceId: refundId }) => {
      const currency = currencyIn(payment)
      const amount = (hundredths * 10 ** minorUnitDigits(currency)) / 100
      return { account: paypal.account, ref, amount, currency, state: stateOf(status), refundId }
    }),
    ...(await Promise.all(inYuan.map((name) => readBook(crew[name])))).flat(),
  ]
}

/** Whether the books agree: with our refunds, one by one, and with our ledger in all. */
export const compareBooks = async (
  payment: ReadDatabase,
  crew: Crew,
): Promise<{ sums: Sums; differences: string[] }> => {
  const theirs = await readTheirs(crew)
  const ours = await readOurs(payment, crew)
  const ledger = await readLedger(payment, crew)
  const sums = movedThere(ours, theirs)
  const names = new Set([...Object.keys(sums), ...Object.keys(ledger)])
  const unequal = [...names].filter((name) => (sums[name] ?? 0) !== (ledger[name] ?? 0))
  return {
    sums,
    differences: [
      ...bookDifferences(ours, theirs),
      ...unequal.map(
        (name) => `${name}: expected our ledger to have ${sums[name] ?? 0} that left, got ${ledger[name] ?? 0}`,
      ),
    ],
  }
}

const bankTransfer = z.object({
  ...{ endToEndId: z.string(), batchId: z.string(), amount: z.string(), currency: z.string() },
  state: z.enum(['booked', 'rejected', 'returned']),
})
const bankAccount = 'bank'
/** Money that came back is where it was. */
const bankStates = { booked: 'moved', rejected: 'failed', returned: 'failed' } as const

/** Whether the bank's book agrees with our refunds to bank accounts, one by one; and what has left by it. */
export const compareBank = async (
  payment: ReadDatabase,
  { control }: Pick<Bank, 'control'>,
): Promise<{ sums: Sums; differences: string[] }> => {
  const ours = await payment.rows(
    ourRow,
    `select '${bankAccount}' as account, refund_id as "refundId", state, amount, currency from refunds
    where destination = 'bank-transfer'`,
  )
  const theirs = z
    .array(bankTransfer)
    .parse(await control.tell('GET /book'))
    .map(({ endToEndId: refundId, batchId: ref, amount, currency, state }): Theirs => {
      const common = { account: bankAccount, refundId, ref, currency, state: bankStates[state] }
      return { ...common, amount: Math.round(Number(amount) * 10 ** minorUnitDigits(currency)) }
    })
  return { sums: movedThere(ours, theirs), differences: bookDifferences(ours, theirs) }
}

const upsParcel = z.object({ trackingNumber: z.string(), done: z.array(z.string()) })
const ownParcel = z.object({ trackingNumber: z.string(), state: z.string() })

/** What a carrier has of a parcel: what UPS has done, one after the other, or how the shop's own has it; `undefined`: never heard of. */
export const carrierBook = async (
  { ups, 'webhook-carrier': own }: Crew,
  { carrier, trackingNumber }: { readonly carrier?: string; readonly trackingNumber: string },
): Promise<string | undefined> => {
  if (carrier === 'ups') {
    const parcels = z.array(upsParcel).parse(await ups.control.tell('GET /book'))
    return parcels.find((each) => each.trackingNumber === trackingNumber)?.done.join(', ')
  }
  const parcels = z.array(ownParcel).parse(await own.control.tell('GET /book'))
  // One that has a new label has another number.
  return parcels.find((each) => each.trackingNumber.replace(/-N\d+$/, '') === trackingNumber)?.state
}
