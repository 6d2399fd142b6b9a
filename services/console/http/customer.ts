import { z } from 'zod'
import { ask, type Turned, withdraw } from '../decide/ask.ts'
import { cancellationOf } from '../decide/cancellation.ts'
import { cameOf } from '../decide/deed.ts'
import { giveFeedback } from '../decide/feedback.ts'
import { canWithdraw } from '../decide/next.ts'
import { orderOf, type ShownOrder } from '../decide/order.ts'
import { cancelPage } from '../pages/customer/cancel.ts'
import { cancellationPage, receiptPage, type ShownCancellation } from '../pages/customer/cancellation.ts'
import { closedLinkPage, linkPage } from '../pages/customer/link.ts'
import { missingOrderPage, orderPage } from '../pages/customer/order.ts'
import { ordersPage } from '../pages/customer/orders.ts'
import { hrefs } from '../pages/customer/parts.ts'
import { blockedPage, mostNote, reviewPage } from '../pages/customer/review.ts'
import { linesOf, wholeWish, wishIn } from '../pages/customer/wish.ts'
import type { Invalid } from '../pages/kit/form.ts'
import type { Speech } from '../pages/kit/speech.ts'
import type { Case } from '../state.ts'
import { hasFeedback } from '../store/feedback.ts'
import { type CustomerScope, readLink, type Session, sessionOf, sessionSeconds, useLink } from '../store/links.ts'
import { ordersOfScope, placeOfRequest } from '../store/queries.ts'
import { keepRecipient } from '../store/receipts.ts'
import { confirmStatement, isServed, reopenStatement } from '../store/statements.ts'
import { load } from '../store/store.ts'
import { itemsOf } from '../words/receipt.ts'
import { requestIdOf } from './api.ts'
import { guestPages, isContactOf, isMailAddress } from './guests.ts'
import { createLastKnown, createPatience, type Read } from './last-known.ts'
import { type CustomerGates, customerGates, type Gate } from './limits.ts'
import { networkOf } from './network.ts'
import {
  bearerOf,
  checkFormKey,
  checkOrigin,
  cookieOf,
  fieldsOf,
  onceIn,
  type PageCall,
  type PageReply,
  type PageRoute,
  paramOf,
  queryOf,
  seeOther,
  setCookie,
} from './page-route.ts'
import { previewFor } from './previewed.ts'
import { Problem } from './problems.ts'
import { type Customers, homeOf, page, preflights, sessionCookie, show, surroundings, type Visit } from './show.ts'
import { isOver } from './streams.ts'

/** The customer's pages: who they are for by a session, what they show by what was heard, what they ask for as everybody asks. */

/** What a page of a session is made with. */
interface Desk {
  readonly customers: Customers
  /** How often forms may be sent. */
  readonly forms: Gate
  sessionFor(call: PageCall): Promise<Session>
  /** What is known of an order of the session's scope, be it old. */
  caseFor(session: Session, orderId: string): Promise<Read<Case>>
  requestFor(session: Session, requestId: string): Promise<Read<{ readonly orderId: string; readonly known: Case }>>
}

const mayKnow = (scope: CustomerScope, orderId: string, known: Case | undefined): boolean =>
  'orderId' in scope ? scope.orderId === orderId : known?.order?.placed.customerId === scope.customerId

const createDesk = (customers: Customers, { forms }: CustomerGates): Desk => {
  const { database } = customers
  const patience = createPatience()
  const sessions = createLastKnown<Session | undefined>(patience)
  const cases = createLastKnown<Case>(patience)
  const requests = createLastKnown<{ readonly orderId: string; readonly known: Case }>(patience)
  return {
    customers,
    forms,
    sessionFor: async (call) => {
      const bearer = bearerOf(call)
      const secret = bearer ?? cookieOf(call, sessionCookie(customers))
      if (secret === undefined) throw new Problem('not-signed-in', 'expected the cookie of a session')
      const by = bearer === undefined ? 'cookie' : 'bearer'
      const { value } = await sessions.read(`${by} ${secret}`, () => sessionOf(database, secret, by))
      if (value === undefined) throw new Problem('not-signed-in', 'expected the cookie of a session that counts')
      return value
    },
    caseFor: ({ scope }, orderId) =>
      cases.read(JSON.stringify([scope, orderId]), async () => {
        const known = (await load(database, [orderId])).get(orderId)
        if (!mayKnow(scope, orderId, known)) throw new Problem('not-found', `order ${orderId} is not of this session`)
        if (known?.order === undefined) throw new Problem('order-not-found', `order ${orderId} was not heard of yet`)
        return known
      }),
    requestFor: ({ scope }, requestId) =>
      requests.read(JSON.stringify([scope, requestId]), async () => {
        const place = await placeOfRequest(database, requestId, null)
        const known = place && (await load(database, [place.orderId])).get(place.orderId)
        if (place === undefined || known === undefined || !mayKnow(scope, place.orderId, known))
          throw new Problem('not-found', `request ${requestId} is not of this session`)
        return { orderId: place.orderId, known }
      }),
  }
}

const spokenOf = ({ order }: Case): Visit['spoken'] =>
  order && { language: order.placed.language, zone: order.placed.zone }

const visitOf = (call: PageCall, session: Session, { value, at, isOld }: Read<Case>): Visit => ({
  ...{ call, session, spoken: spokenOf(value) },
  ...(isOld && { since: at }),
})

const shownOrder = (orderId: string, known: Case): ShownOrder => {
  const order = orderOf(orderId, known)
  if (order === undefined) throw new Problem('order-not-found', `order ${orderId} was not heard of yet`)
  return order
}

/** A form of a session's page: turned away where it comes from elsewhere. */
const formOf = async ({ customers, sessionFor, forms }: Desk, call: PageCall) => {
  const isBearer = bearerOf(call) !== undefined
  if (!isBearer) checkOrigin(call, customers.url.origin)
  const fields = fieldsOf(call)
  const session = await sessionFor(call)
  // No browser adds a token by itself: who sends one was given it, and may have been given another since the form was made.
  if (!isBearer) checkFormKey(fields, session.secret)
  forms([session.secret])
  return { fields, session }
}

type Answer = PageRoute['answer']

/** The order that a page of a session is about. */
const orderAt = async (desk: Desk, call: PageCall, session: Session) => {
  const orderId = paramOf(call, 'orderId')
  const read = await desk.caseFor(session, orderId)
  return { orderId, read, order: shownOrder(orderId, read.value), visit: visitOf(call, session, read) }
}

/** The request that a page of a session is about. */
const requestAt = async (desk: Desk, call: PageCall, session: Session) => {
  const requestId = paramOf(call, 'requestId')
  const read = await desk.requestFor(session, requestId)
  return { requestId, read, visit: visitOf(call, session, { ...read, value: read.value.known }) }
}

const showLink = async (customers: Customers, call: PageCall): Promise<PageReply> => {
  const token = paramOf(call, 'token')
  const link = await readLink(customers.database, token)
  const visit = { call, session: undefined }
  if (link === undefined) return show(customers, visit, 404, (around) => closedLinkPage('unknown', around))
  if (link.state !== 'fresh') {
    const secret = cookieOf(call, sessionCookie(customers))
    const session = secret === undefined ? undefined : await sessionOf(customers.database, secret)
    if (session !== undefined && JSON.stringify(session.scope) === JSON.stringify(link.scope))
      return seeOther(homeOf(session.scope))
    throw new Problem(link.state === 'used' ? 'link-used' : 'link-expired', 'expected a link that counts')
  }
  return show(customers, visit, 200, (around) => linkPage(link, `/c/${token}`, around))
}

const openLink =
  (customers: Customers, gates: CustomerGates): Answer =>
  async (call) => {
    gates.links([networkOf(call.address)])
    return showLink(customers, call)
  }

/** A statement of withdrawal counts from when it was received, once its customer has opened the mail about it. */
const confirm = async (customers: Customers, statementId: string, { traceparent }: PageCall) => {
  const { service, database, url } = customers
  const confirmed = await confirmStatement(database, statementId)
  if (confirmed === undefined) return
  const { orderId, receivedAt, contact, language } = confirmed
  // That it was received was told with its receipt.
  const recipient = { orderId, requestId: statementId, contact, language, url: url.origin, tellsAsked: false }
  if (customers.mails) await keepRecipient(database, { ...recipient, zone: customers.zone })
  const reason = { code: 'changed-mind', note: `withdrawal statement ${statementId}` } as const
  const wish = { requestId: statementId, orderId, initiator: 'customer', reason, refundTo: 'original' } as const
  const asked = await service.decide(orderId, ask({ ...wish, requestedAt: receivedAt }), traceparent)
  // Where something stands in its way, the order's page says what, and the statement waits for a person.
  if (!isServed(cameOf(asked))) await reopenStatement(database, statementId)
}

const useOneLink =
  (customers: Customers, gates: CustomerGates): Answer =>
  async (call) => {
    checkOrigin(call, customers.url.origin)
    gates.links([networkOf(call.address)])
    const token = paramOf(call, 'token')
    const link = await readLink(customers.database, token)
    // Before it is used up: a process that ends in between has confirmed nothing that cannot be confirmed again.
    if (link?.state === 'fresh' && link.statementId !== undefined) await confirm(customers, link.statementId, call)
    const session = await useLink(customers.database, token)
    if (session === undefined) return showLink(customers, call)
    const header = setCookie(customers.url, sessionCookie(customers), session.secret, sessionSeconds)
    return seeOther(homeOf(session.scope), { 'set-cookie': header })
  }

const listOrders =
  ({ customers, sessionFor }: Desk): Answer =>
  async (call) => {
    const session = await sessionFor(call)
    const tab = queryOf(call).get('tab') === 'cancelled' ? 'cancelled' : 'open'
    const all = await ordersOfScope(customers.database, session.scope)
    const orders = all.flatMap(({ orderId, known }) => orderOf(orderId, known) ?? [])
    const [first] = all
    const visit = { call, session, spoken: first && spokenOf(first.known) }
    return show(customers, visit, 200, (around) => ordersPage(orders, tab, around))
  }

const showOrder =
  (desk: Desk): Answer =>
  async (call) => {
    const session = await desk.sessionFor(call)
    try {
      const { order, read, visit } = await orderAt(desk, call, session)
      const isOne = 'orderId' in session.scope
      return show(desk.customers, visit, 200, (around) => orderPage(order, read.at, isOne, around))
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'order-not-found')) throw error
      const again = hrefs.order(paramOf(call, 'orderId'))
      return show(desk.customers, { call, session }, 404, (around) => missingOrderPage(again, around))
    }
  }

const isCancelling = ({ cancellations }: ShownOrder) => cancellations.find(({ outcome }) => outcome === undefined)

const showCancel =
  (desk: Desk): Answer =>
  async (call) => {
    const { order, visit } = await orderAt(desk, call, await desk.sessionFor(call))
    const open = isCancelling(order)
    if (open !== undefined) return seeOther(hrefs.cancellation(open.requestId))
    if (order.status === 'cancelled')
      return show(desk.customers, visit, 409, (around) => blockedPage(order, { code: 'already-cancelled' }, around))
    const fields = queryOf(call)
    return show(desk.customers, visit, 200, (around) => {
      const chosen = fields.has('reason') ? wishIn(order, fields, around.speech).wish : wholeWish(order)
      return cancelPage(order, chosen, [], around)
    })
  }

const showReview =
  (desk: Desk): Answer =>
  async (call) => {
    const session = await desk.sessionFor(call)
    const { orderId, order, read, visit } = await orderAt(desk, call, session)
    const { speech: said } = surroundings(desk.customers, visit)
    const { wish, errors } = wishIn(order, queryOf(call), said)
    // Of an order of which nothing is left, that is what is said.
    const isOpen = isCancelling(order) === undefined && order.status !== 'cancelled'
    if (isOpen && errors.length > 0)
      return show(desk.customers, visit, 422, (around) => cancelPage(order, wish, errors, around))
    const { preview, seen } = previewFor(
      { orderId, order, known: read.value, wish, approvalOf: desk.customers.approvalOf },
      read.at,
    )
    const { turned } = preview
    if (turned !== undefined) return show(desk.customers, visit, 409, (around) => blockedPage(order, turned, around))
    const email = emailOf(desk, session)
    const reviewed = { order, wish, preview, seen, email }
    return show(desk.customers, visit, 200, (around) => reviewPage(reviewed, { isChanged: false, errors: [] }, around))
  }

/** The same form again is the same request, whoever sends it how often: its id is made of the session, the order and the form. */
const requestOf = ({ scope }: Session, orderId: string, once: string): string =>
  requestIdOf(`customer ${JSON.stringify(scope)}`, orderId, once)

/** What stands in the field for the address; absent: there is none. */
const emailOf = ({ customers: { mails } }: Desk, { contact = '' }: Session, fields?: URLSearchParams) =>
  mails ? (fields?.get('email') ?? contact).trim() : undefined

/** Whose address it is, where that can be told: to any other, what is somebody's own goes by mistake alone. */
const wrongEmail = (
  { customers: { contactKey } }: Desk,
  { order }: Case,
  email: string | undefined,
  { words }: Speech,
): Invalid[] => {
  if (email === undefined || email === '') return []
  if (!isMailAddress.safeParse(email).success) return [{ field: 'email', detail: words.find.notMail }]
  const isOther = order !== undefined && isContactOf(contactKey, order.placed, email) === false
  return isOther ? [{ field: 'email', detail: words.review.otherMail }] : []
}

/** Before it is asked for, so that its receipt is written in the transaction that keeps it. */
const keepEmail = async (
  { customers: { database, url, contactKey } }: Desk,
  known: Case,
  { language, zone }: Speech,
  wanted: { readonly orderId: string; readonly requestId: string; readonly email: string | undefined },
) => {
  const { orderId, requestId, email: contact } = wanted
  if (contact === undefined || contact === '') return
  const isTheirs = known.order !== undefined && isContactOf(contactKey, known.order.placed, contact) === true
  const to = { orderId, requestId, contact, language, zone, url: isTheirs ? url.origin : undefined }
  await keepRecipient(database, { ...to, tellsAsked: true })
}

const sendCancel =
  (desk: Desk): Answer =>
  async (call) => {
    const { fields, session } = await formOf(desk, call)
    const { orderId, order, read, visit } = await orderAt(desk, call, session)
    const known = read.value
    const { speech: said } = surroundings(desk.customers, visit)
    const requestId = requestOf(session, orderId, onceIn(fields))
    if (known.told.has(requestId)) return seeOther(hrefs.cancellation(requestId))
    const { wish, errors } = wishIn(order, fields, said)
    const note = (fields.get('note') ?? '').trim().replaceAll('\r\n', '\n')
    const email = emailOf(desk, session, fields)
    const { preview, seen } = previewFor(
      { orderId, order, known, wish, approvalOf: desk.customers.approvalOf },
      read.at,
    )
    const { turned } = preview
    const blocked = (why: Turned) => show(desk.customers, visit, 409, (around) => blockedPage(order, why, around))
    if (turned !== undefined) return blocked(turned)
    const invalid = [
      ...errors,
      ...(note.length > mostNote ? [{ field: 'note', detail: said.words.trouble.tooLarge }] : []),
      ...wrongEmail(desk, known, email, said),
    ]
    const isChanged = fields.get('seen') !== seen
    if (read.isOld) throw new Problem('away', 'the database is away: try again')
    if (isChanged || invalid.length > 0) {
      const reviewed = { order, wish, preview, seen, note, email }
      const status = isChanged ? 409 : 422
      return show(desk.customers, visit, status, (around) =>
        reviewPage(reviewed, { isChanged, errors: invalid }, around),
      )
    }
    const lines = linesOf(order, wish)
    const reason = { code: wish.reason, ...(note !== '' && { note }) }
    const wanted = { requestId, orderId, initiator: 'customer', reason, refundTo: wish.refundTo } as const
    await keepEmail(desk, known, said, { orderId, requestId, email })
    const asked = await desk.customers.service.decide(
      orderId,
      ask({ ...wanted, ...(lines !== undefined && { lines }) }),
      call.traceparent,
    )
    return typeof asked === 'object' ? blocked(asked) : seeOther(hrefs.cancellation(requestId))
  }

const shownCancellation = async (
  { customers: { database } }: Desk,
  read: Read<{ readonly orderId: string; readonly known: Case }>,
  requestId: string,
): Promise<ShownCancellation> => {
  const { orderId, known } = read.value
  const told = known.told.get(requestId) ?? []
  const now = cancellationOf(orderId, requestId, told)
  if (now === undefined) throw new Problem('not-found', `request ${requestId} was not heard of`)
  const hasEnded = now.outcome !== undefined
  const given = hasEnded && !read.isOld ? await hasFeedback(database, orderId, requestId) : false
  return {
    ...{ now, at: read.at, takenBack: told.some(({ type }) => type === 'order.cancel.withdrawn.v1') },
    ...{ mayTakeBack: !read.isOld && canWithdraw(now) },
    wasTooLate: now.rejected.some(({ input, code }) => input === 'withdraw' && code === 'too-late'),
    feedback: !hasEnded || read.isOld ? 'none' : given ? 'given' : 'asked',
  }
}

const showCancellation =
  (desk: Desk): Answer =>
  async (call) => {
    const { requestId, read, visit } = await requestAt(desk, call, await desk.sessionFor(call))
    const shown = await shownCancellation(desk, read, requestId)
    return show(desk.customers, visit, 200, (around) => cancellationPage(shown, !isOver(shown.now), around))
  }

const takeBack =
  (desk: Desk): Answer =>
  async (call) => {
    const { session } = await formOf(desk, call)
    const { requestId, read } = await requestAt(desk, call, session)
    const { value } = read
    const by = value.known.order?.placed.customerId ?? 'customer'
    await desk.customers.service.decide(
      value.orderId,
      withdraw({ orderId: value.orderId, requestId, by }),
      call.traceparent,
    )
    // Too late or not: the page says which.
    return seeOther(hrefs.cancellation(requestId))
  }

const showReceipt =
  (desk: Desk): Answer =>
  async (call) => {
    const { requestId, read, visit } = await requestAt(desk, call, await desk.sessionFor(call))
    const { now } = await shownCancellation(desk, read, requestId)
    const items = itemsOf(now, read.value.known)
    return show(desk.customers, visit, 200, (around) => receiptPage(now, { at: read.at, items }, around))
  }

const scores = z.coerce.number().int().min(1).max(5)

const sendFeedback =
  (desk: Desk): Answer =>
  async (call) => {
    const { fields, session } = await formOf(desk, call)
    const { requestId, read, visit } = await requestAt(desk, call, session)
    const score = scores.safeParse(fields.get('score') ?? '')
    const shown = await shownCancellation(desk, read, requestId)
    if (shown.feedback === 'none') return seeOther(hrefs.cancellation(requestId))
    if (!score.success)
      return show(desk.customers, visit, 422, (around) => {
        const feedbackErrors = [{ field: 'score', detail: around.speech.words.feedback.choose }]
        return cancellationPage({ ...shown, feedbackErrors }, false, around)
      })
    const text = (fields.get('text') ?? '').trim().slice(0, 2_000)
    const { orderId } = read.value
    const given = { orderId, requestId, score: score.data, ...(text !== '' && { text }) }
    await desk.customers.service.decide(
      orderId,
      giveFeedback(given, surroundings(desk.customers, visit).speech.language),
      call.traceparent,
    )
    return seeOther(hrefs.cancellation(requestId))
  }

/** Every page of customers. */
export const customerPages = (customers: Customers): PageRoute[] => {
  const gates = customerGates()
  const desk = createDesk(customers, gates)
  return [
    page(customers, 'GET', '/', listOrders(desk)),
    page(customers, 'GET', '/c/{token}', openLink(customers, gates)),
    page(customers, 'POST', '/c/{token}', useOneLink(customers, gates)),
    page(customers, 'GET', '/orders', listOrders(desk)),
    page(customers, 'GET', '/orders/{orderId}', showOrder(desk)),
    page(customers, 'GET', '/orders/{orderId}/cancel', showCancel(desk)),
    page(customers, 'GET', '/orders/{orderId}/cancel/review', showReview(desk)),
    page(customers, 'POST', '/orders/{orderId}/cancel', sendCancel(desk)),
    page(customers, 'GET', '/cancellations/{requestId}', showCancellation(desk)),
    page(customers, 'POST', '/cancellations/{requestId}/withdrawal', takeBack(desk)),
    page(customers, 'GET', '/cancellations/{requestId}/receipt', showReceipt(desk)),
    page(customers, 'POST', '/cancellations/{requestId}/feedback', sendFeedback(desk)),
    ...preflights(customers),
    ...guestPages(customers, gates),
    ...customers.assets.routes,
  ]
}
