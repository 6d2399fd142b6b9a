import { type ChannelFacts, day, later, type Refusal } from '../channels/channel.ts'
import { type Payment, type Refund, tenderOf } from '../state.ts'

/** What payment keeps of providers' rules, for every channel by its facts. */

/** A provider's clock and the way there are not ours: a key counts as old before its end. */
const sureOfKey = 0.8

/**
 * How the call of a refund is made at `at`. A key that may be forgotten, or an operation that has none, is not relied on: the provider is
 * asked first, and where it cannot be asked nothing is sent.
 */
export const wayOfCall = (facts: ChannelFacts, refund: Refund, at: string): 'send' | 'look-first' | 'in-doubt' => {
  const age = Date.parse(at) - Date.parse(refund.firstAskedAt ?? at)
  const isKeyless = facts.keyless?.includes(refund.operation) === true && age > 0
  if (!isKeyless && age <= facts.keyLifeMs * sureOfKey) return 'send'
  return facts.asks === 'never' ? 'in-doubt' : 'look-first'
}

/** What was asked for a moment ago may not be in a provider's list yet. */
const sureOfAbsenceMs = 600_000

/**
 * What becomes of a key for which its channel keeps a failure, and whose refund a look has not found at `now`, nor at `absentAt`: it is dead,
 * or looked at again then.
 */
export const absentPastFailure = (
  absentAt: string | undefined,
  now: string,
): 'key-dead' | { readonly lookAt: string } => {
  const lookAt = later(absentAt ?? now, sureOfAbsenceMs)
  return Date.parse(now) >= Date.parse(lookAt) ? 'key-dead' : { lookAt }
}

const othersAsked = (state: Payment, { refundId, tenderId }: Refund): readonly Refund[] =>
  state.refunds.filter(
    (each) => each.tenderId === tenderId && each.refundId !== refundId && each.firstAskedAt !== undefined,
  )

/** When a channel may be asked for a refund beside the others of its payment; ISO 8601. */
export const mayBeAskedAt = (facts: ChannelFacts, state: Payment, refund: Refund, now: string): string => {
  const before = othersAsked(state, refund).map(({ firstAskedAt = now }) => later(firstAskedAt, facts.spacingMs))
  return facts.spacingMs === 0 ? now : before.reduce((latest, each) => (each > latest ? each : latest), now)
}

/** Why a provider would say no to a refund that it has not heard of; then it is not called. */
export const beyondLimits = (
  { windowDays, maxPartials }: ChannelFacts,
  state: Payment,
  refund: Refund,
  now: string,
): Refusal | undefined => {
  if (refund.firstAskedAt !== undefined) return undefined
  const no = (reason: string): Refusal => ({ reason, key: 'alive', cure: 'elsewhere' })
  const { paidAt } = tenderOf(state, refund.tenderId)
  if (windowDays !== undefined && paidAt !== undefined && Date.parse(now) > Date.parse(paidAt) + windowDays * day)
    return no(`its channel gives nothing back ${windowDays} days after the payment`)
  const made = othersAsked(state, refund).filter(({ progress }) => progress.state !== 'failed').length
  return maxPartials !== undefined && made >= maxPartials
    ? no(`its channel makes no more than ${maxPartials} refunds of a payment`)
    : undefined
}
