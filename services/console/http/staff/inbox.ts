import { type RequestVia, reasonCode } from '@countermand/contracts'
import { z } from 'zod'
import { decide } from '../../decide/ask.ts'
import { cancellationOf } from '../../decide/cancellation.ts'
import { asDeed } from '../../decide/deed.ts'
import { orderOf } from '../../decide/order.ts'
import type { Invalid } from '../../pages/kit/form.ts'
import {
  type Decision,
  decidePage,
  goneResultPage,
  mostMessage,
  type Result,
  resultsPage,
} from '../../pages/staff/decide.ts'
import { type Inbox, inboxPage } from '../../pages/staff/inbox.ts'
import { staffHrefs } from '../../pages/staff/parts.ts'
import type { Case } from '../../state.ts'
import { deedsOfBatch, recordDeeds, type WrittenDeed, whoDecided } from '../../store/deeds.ts'
import { listToDecide, merchantsToDecide, placesOfRequests, requestsToDecide } from '../../store/queries.ts'
import { load } from '../../store/store.ts'
import type { StaffWords } from '../../words/staff/words.ts'
import { type PageReply, type PageRoute, paramOf, queryOf, seeOther } from '../page-route.ts'
import { Problem } from '../problems.ts'
import { around, doerOf, type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** What merchants decide, many at a time: chosen, looked over, sent, and followed until it counts. */

const mostInInbox = 200
const decision = z.enum(['approve', 'reject'])
const uuid = z.uuid()

const filtersIn = (query: URLSearchParams): Inbox['filters'] => {
  const merchant = query.get('merchant') ?? ''
  const reason = reasonCode.safeParse(query.get('reason')).data
  return { ...(merchant !== '' && { merchant: merchant.slice(0, 128) }), ...(reason !== undefined && { reason }) }
}

const inboxOf = async (
  { database }: Staff,
  { call, session: { roles, merchants } }: Visit,
  given: { readonly chosen: ReadonlySet<string>; readonly errors: readonly Invalid[] },
): Promise<Inbox> => {
  const query = queryOf(call)
  const filters = filtersIn(query)
  const wanted = { merchantId: filters.merchant, reason: filters.reason }
  const { requests, all } = await listToDecide(database, wanted, merchants, mostInInbox)
  const known = await load(database, [...new Set(requests.map(({ orderId }) => orderId))])
  const waiting = requests.map((request) => {
    const found = known.get(request.orderId)
    return { request, order: found && orderOf(request.orderId, found) }
  })
  return {
    ...{ waiting, all, filters, ...given, at: new Date().toISOString() },
    merchants: await merchantsToDecide(database, merchants),
    mayDecide: roles.includes('merchant') || roles.includes('support'),
    ...(query.get('choose') === 'all' && { chosen: 'all' as const }),
  }
}

const showInbox =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const inbox = await inboxOf(staff, visit, { chosen: new Set(), errors: [] })
    return show(staff, visit, (each) => inboxPage(inbox, each))
  }

const chosenIn = (fields: URLSearchParams): string[] => [...new Set(fields.getAll('request'))].slice(0, mostInInbox)

const review =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, call, session } = visit
    const chosen = chosenIn(fields)
    const wanted = decision.safeParse(fields.get('decision'))
    if (chosen.length === 0 || !wanted.success) {
      const { say } = around(staff, call, session)
      const errors = [{ field: 'request', detail: say.inbox.missing }]
      const inbox = await inboxOf(staff, visit, { chosen: new Set(chosen), errors })
      return show(staff, visit, (each) => inboxPage(inbox, each), 422)
    }
    const requests = await requestsToDecide(staff.database, chosen, session.merchants)
    if (requests.length === 0) return show(staff, visit, goneResultPage, 409)
    const shown = { decision: wanted.data, requests, message: '', errors: [] }
    return show(staff, visit, (each) => decidePage(shown, each))
  }

export interface Wanted {
  readonly decision: Decision
  readonly message: string
  readonly via?: RequestVia | undefined
}

/** What is wrong with a decision, by its field. */
export const wrongIn = (
  { decision: wanted, message }: Pick<Wanted, 'decision' | 'message'>,
  say: StaffWords,
): Invalid[] => [
  ...(wanted === 'reject' && message === '' ? [{ field: 'message', detail: say.decide.messageMissing }] : []),
  ...(message.length > mostMessage ? [{ field: 'message', detail: say.decide.messageLong }] : []),
]

export const messageIn = (fields: URLSearchParams): string =>
  (fields.get('message') ?? '').trim().replaceAll('\r\n', '\n')

/**
 * Decides many, each for itself, and writes down who did and what came of it. By the word of each order's merchant, for whom the member
 * speaks: of others none counts. Of one order alone, where that is given.
 */
export const decideEach = async (
  { database, service }: Staff,
  visit: Visit,
  chosen: readonly string[],
  { decision: wanted, message, via }: Wanted,
  ofOrder?: string,
): Promise<void> => {
  const {
    call,
    session: { name, merchants },
  } = visit
  const found = await placesOfRequests(database, chosen, merchants)
  const places = found.filter(({ orderId }) => ofOrder === undefined || orderId === ofOrder)
  const known = new Set(places.map(({ requestId }) => requestId))
  const member = { ...doerOf(visit), deed: wanted } as const
  const strangers = chosen.filter((requestId) => !known.has(requestId))
  const unknown = strangers.map((requestId) => ({ ...member, requestId, came: 'request-not-found' }))
  await database.transaction().execute((tx) => recordDeeds(tx, unknown))
  await Promise.all(
    places.map(({ requestId, orderId, merchantId }) => {
      const by = merchantId ?? name
      const data = { orderId, requestId, decision: wanted, by, ...(message !== '' && { message }) }
      const deed = { ...member, orderId, requestId, via, ...(message !== '' && { detail: message }) }
      return service.decide(orderId, asDeed(deed, decide(data)), call.traceparent)
    }),
  )
}

const decideMany =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, call, session, once } = visit
    const chosen = chosenIn(fields)
    const wanted = decision.safeParse(fields.get('decision'))
    if (chosen.length === 0 || !wanted.success) return seeOther(staffHrefs.inbox)
    const said = { decision: wanted.data, message: wanted.data === 'reject' ? messageIn(fields) : '' }
    const errors = wrongIn(said, around(staff, call, session).say)
    if (errors.length > 0) {
      const requests = await requestsToDecide(staff.database, chosen, session.merchants)
      return show(staff, visit, (each) => decidePage({ ...said, requests, errors }, each), 422)
    }
    await decideEach(staff, visit, chosen, said)
    return seeOther(staffHrefs.results(once))
  }

/** Nobody answered in time: policy has decided. */
const silence = 'policy:silence'

const firstOf = (
  { requestId = '' }: WrittenDeed,
  { now, told }: { readonly now: Result['now']; readonly told: Case['told'] },
  who: Awaited<ReturnType<typeof whoDecided>>,
): Result['first'] => {
  const member = who.get(requestId)
  if (member !== undefined) return { decision: member.decision, who: member.name, at: member.at, isSilence: false }
  if (now?.decided !== undefined) {
    const { decision: decided, by, at } = now.decided
    return { decision: decided, who: by, at, isSilence: by === silence }
  }
  const sent = told.get(requestId)?.find(({ type }) => type === 'order.cancel.decided.v1')
  const said = sent && z.object({ decision, by: z.string() }).safeParse(sent.data).data
  return sent && said && { decision: said.decision, who: said.by, at: sent.at, isSilence: false }
}

const showResults =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const batch = uuid.safeParse(paramOf(visit.call, 'batch'))
    const { subject } = visit.session
    const deeds = batch.success ? await deedsOfBatch(staff.database, batch.data, subject) : []
    if (deeds.length === 0) throw new Problem('not-found', 'expected what this member has done')
    const cases = await load(staff.database, [...new Set(deeds.flatMap(({ orderId }) => orderId ?? []))])
    const before = deeds.flatMap(({ came, requestId }) => (came === 'sent' ? [] : (requestId ?? [])))
    const who = await whoDecided(staff.database, before)
    const results = deeds.map((deed): Result => {
      const { orderId = '', requestId = '' } = deed
      const told: Case['told'] = cases.get(orderId)?.told ?? new Map()
      const now = cancellationOf(orderId, requestId, told.get(requestId) ?? [])
      const isSecond = deed.came === 'again' || deed.came === 'already-decided'
      return { deed, now, ...(isSecond && { first: firstOf(deed, { now, told }, who) }) }
    })
    return show(staff, visit, (each) => resultsPage(results, each))
  }

export const inboxPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.inbox, showInbox(staff)),
  staffPage(staff, staffEndpoints.review, review(staff)),
  staffPage(staff, staffEndpoints.decideMany, decideMany(staff)),
  staffPage(staff, staffEndpoints.results, showResults(staff)),
]
