import { formatAmount, minorUnitDigits } from '@countermand/contracts'
import type { Cancellation, Refund } from '../state.ts'

/** What is said of a request, in one or two sentences: the same in every page, mail and answer. Times are ISO 8601, UTC. */

const money = ({ amount, currency }: Pick<Refund, 'amount' | 'currency'>): string =>
  formatAmount(amount, currency, minorUnitDigits(currency))

const where: Readonly<Record<Refund['destination'], string>> = {
  original: 'to where it was paid from',
  'store-credit': 'as store credit',
  'gift-card': 'to the gift card',
  'bank-transfer': 'by bank transfer',
  none: 'nowhere, for nothing was taken',
}

const ofRefund = (refund: Refund): string => {
  const { state, destination, expectedBy } = refund
  const what = `${money(refund)} ${where[destination]}`
  switch (state) {
    case 'submitted':
    case 'pending':
      return `${what}: on its way${expectedBy === undefined ? '' : `, expected by ${expectedBy}`}.`
    case 'action-required':
      return `${what}: somebody has to do something first.`
    case 'succeeded':
      return `${what}: done.`
    case 'failed':
      return `${what}: it did not work, the shop looks for another way.`
    case 'reversed':
      return `${what}: it came back to the shop, which sends it again.`
  }
}

const refusals: Readonly<Record<string, string>> = {
  'order-not-found': 'the order is not known',
  'already-cancelled': 'nothing was left to cancel',
  'cancellation-in-progress': 'another request was under way',
  'window-closed': 'it was asked for too late',
  'account-blocked': 'the account is blocked',
  'quantity-exceeded': 'more was asked for than is left',
  'not-cancellable': 'it cannot be cancelled any more',
  'merchant-rejected': 'the shop said no',
  'merchant-silent': 'the shop did not answer in time',
  'intercept-failed': 'the parcel could not be stopped',
  'stock-missing': 'the goods could not be found',
  'refund-refused': 'the money could not be given back this way',
  'turned-back-by-operator': 'the shop took it back',
}

const ofEnd = (now: Cancellation): string => {
  switch (now.outcome) {
    case 'cancelled':
      return 'The order is cancelled.'
    case 'lines-cancelled':
      return 'The items are cancelled.'
    case 'withdrawn':
      return 'The request was taken back. Nothing has changed.'
    default: {
      const why = refusals[now.code ?? ''] ?? 'it could not be done'
      const said =
        now.message === undefined || now.code !== 'merchant-rejected' ? '' : ` The shop writes: ${now.message}`
      return `The order stays as it was: ${why}.${said}`
    }
  }
}

const underWay = ({ stage, startedAt, awaiting, refunds }: Cancellation): string => {
  if (awaiting !== undefined) {
    const silence = awaiting.onSilence === 'approve' ? 'yes' : 'no'
    return `The shop decides by ${awaiting.decideBy}. No answer counts as ${silence}.`
  }
  if (stage === 'undoing') return 'What was done is taken back.'
  if (refunds.length > 0) return 'The parcel is stopped.'
  return startedAt === undefined ? 'The request was received.' : 'The order is on hold, the parcel is being stopped.'
}

/** Of a request as it is. */
export const summaryOf = (now: Cancellation): string => {
  if (now.attention !== undefined) return `A colleague looks at it since ${now.attention.since}.`
  const said = now.outcome === undefined ? underWay(now) : ofEnd(now)
  return [said, ...now.refunds.map(ofRefund)].join(' ')
}
