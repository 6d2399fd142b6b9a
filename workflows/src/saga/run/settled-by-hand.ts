import type { SettledByHand, TenderRefund } from '@countermand/contracts'
import type { ResolveInput } from '../../protocol/inputs.ts'
import { heldOrder, type Parked, type Saga } from './saga.ts'

/** What a person gave back by hand, when they let a saga go on without its refund: recorded with the decision, in minor units. */

const skipsRefund = ({ attention }: Parked, { decision }: ResolveInput): boolean =>
  decision === 'skip' && attention.step === 'refund' && attention.direction === 'do'

const goesOn = ({ state }: TenderRefund): boolean => state === 'pending' || state === 'action-required'

/** What its channel gives back, or has given: by hand nobody needs to, but where the channel takes too long. A reversal has a case of its own. */
const isLeft = ({ attention }: Parked, tender: TenderRefund): boolean =>
  tender.state === 'succeeded' ||
  tender.state === 'reversed' ||
  (goesOn(tender) && attention.reason !== 'refund-overdue')

const shareOf = ({ tenderId, amount }: TenderRefund): SettledByHand => ({ tenderId, amount })

/** What no channel was asked about yet: payment has not said of which tenders. */
const rest = (saga: Saga): SettledByHand[] => {
  const amount = saga.refunds.reduce((left, tender) => left - tender.amount, heldOrder(saga).amount)
  return amount > 0 ? [{ amount }] : []
}

/** `undefined`: the decision is none that settles money. */
export const settledBy = (saga: Saga, parked: Parked, input: ResolveInput): SettledByHand[] | undefined => {
  if (parked.settles !== undefined && input.decision === 'skip') return [...parked.settles]
  if (!skipsRefund(parked, input)) return undefined
  const { settled } = input
  const isMeant = (tender: TenderRefund) =>
    settled === undefined ? !isLeft(parked, tender) : settled.includes(tender.tenderId)
  return [...saga.refunds.filter(isMeant).map(shareOf), ...rest(saga)]
}

/** Throws when tenders are named that need nobody, or when one is left out that no channel will give back. */
export const checkSettled = (saga: Saga, parked: Parked, input: ResolveInput): void => {
  const { settled } = input
  if (settled === undefined) return
  if (!Array.isArray(settled) || !skipsRefund(parked, input))
    throw new Error('expected the tenders that were given back by hand (`settled`) with a skip of the refund alone')
  const open = saga.refunds.filter(({ state }) => state !== 'succeeded')
  const names = open.map(({ tenderId }) => tenderId).join(', ')
  const stranger = settled.find((tenderId) => !open.some((tender) => tender.tenderId === tenderId))
  if (stranger !== undefined) throw new Error(`expected tenders that are not refunded (${names}), got ${stranger}`)
  const missing = open.find(
    (tender) => !goesOn(tender) && tender.state !== 'reversed' && !settled.includes(tender.tenderId),
  )
  if (missing !== undefined)
    throw new Error(`expected tender ${missing.tenderId} among those given back by hand: its channel will not do it`)
}
