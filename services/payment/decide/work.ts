import type { Publication, TaskSpec } from '@countermand/service/decision.ts'
import type { Terms } from '../channels/channel.ts'
import type { AccountFor, Route, Routing } from '../channels/index.ts'
import type { Posting } from '../ledger/posting.ts'
import type { AskedRequest, Payment, Refund, Tender } from '../state.ts'

/** What a decision has come to so far. */
export interface Work {
  readonly state: Payment
  readonly publish: readonly Publication[]
  readonly schedule: readonly TaskSpec[]
  readonly unschedule: readonly string[]
}

export interface Policy {
  /** How long a channel may take from accepting a refund to its end. */
  readonly refundPatienceMs: number
  /** How many keys of one tender and destination a channel may call dead before that is its no. */
  readonly keys: number
  /** How long a channel that has a refund may take to judge it before that counts as its yes. */
  readonly receivedPatienceMs: number
  readonly terms: (route: Route) => Terms
  readonly routing: Routing
  readonly accountFor: AccountFor
}

/** What decides with whose account a tender was paid. */
export type Assigning = Pick<Policy, 'routing' | 'accountFor'>

export interface Context {
  /** ISO 8601. */
  readonly now: string
  readonly policy: Policy
}

export const begin = (state: Payment): Work => ({ state, publish: [], schedule: [], unschedule: [] })

export const withRequest = (work: Work, request: AskedRequest): Work => {
  const others = work.state.requests.filter((each) => each.requestId !== request.requestId)
  return { ...work, state: { ...work.state, requests: [...others, request] } }
}

export const changeRequest = (work: Work, requestId: string, change: Partial<AskedRequest>): Work => {
  const requests = work.state.requests.map((each) =>
    each.requestId === requestId && each.status === 'asked' ? { ...each, ...change } : each,
  )
  return { ...work, state: { ...work.state, requests } }
}

export const withTender = (work: Work, tender: Tender): Work => {
  const tenders = work.state.tenders.map((each) => (each.tenderId === tender.tenderId ? tender : each))
  return { ...work, state: { ...work.state, tenders } }
}

export const withRefund = (work: Work, refund: Refund): Work => {
  const refunds = work.state.refunds.map((each) => (each.refundId === refund.refundId ? refund : each))
  return { ...work, state: { ...work.state, refunds } }
}

export const posted = (work: Work, postings: readonly Posting[]): Work => ({
  ...work,
  state: { ...work.state, newPostings: [...work.state.newPostings, ...postings] },
})
