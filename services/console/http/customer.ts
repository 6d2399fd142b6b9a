import { createHash, randomUUID } from 'node:crypto'
import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import { z } from 'zod'
import { ask, type Turned, withdraw } from '../decide/ask.ts'
import { cancellationOf } from '../decide/cancellation.ts'
import { canWithdraw } from '../decide/next.ts'
import { orderOf, type ShownOrder } from '../decide/order.ts'
import { previewOf } from '../decide/preview.ts'
import { cancelPage } from '../pages/customer/cancel.ts'
import { cancellationPage, receiptPage, type ShownCancellation } from '../pages/customer/cancellation.ts'
import { closedLinkPage, linkPage } from '../pages/customer/link.ts'
import { missingOrderPage, orderPage } from '../pages/customer/order.ts'
import { ordersPage } from '../pages/customer/orders.ts'
import { hrefs, titleOf } from '../pages/customer/parts.ts'
import { blockedPage, mostNote, reviewPage } from '../pages/customer/review.ts'
import { type Trouble, troublePage } from '../pages/customer/trouble.ts'
import { linesOf, type Wish, wholeWish, wishIn } from '../pages/customer/wish.ts'
import { documentOf, type Page, type Shop, type Surroundings } from '../pages/kit/page.ts'
import type { Case } from '../state.ts'
import { giveFeedback, hasFeedback } from '../store/feedback.ts'
import { type CustomerScope, readLink, type Session, sessionOf, sessionSeconds, useLink } from '../store/links.ts'
import { ordersOfScope, placeOfRequest } from '../store/queries.ts'
import { load } from '../store/store.ts'
import { languageOf, languages, speech } from '../words/languages.ts'
import { requestIdOf } from './api.ts'
import type { Assets } from './assets.ts'
import { createLastKnown, type Read } from './last-known.ts'
import {
  checkFormKey,
  checkOrigin,
  cookieOf,
  fieldsOf,
  formKeyOf,
  headerOf,
  type PageCall,
  type PageReply,
  type PageRoute,
  pageReply,
  securityHeaders,
  seeOther,
} from './page-route.ts'
import { Problem, type ProblemCode, problems } from './problems.ts'
import { isOver } from './streams.ts'

/** The customer's pages: who they are for by a session, what they show by what was heard, what they ask for as everybody asks. */
export interface Customers {
  readonly service: Pick<RunningService<Case>, 'decide'>
  readonly database: Database
  readonly assets: Assets
  readonly shop: Shop
  /** How customers reach these pages, without a path. */
  readonly url: URL
  /** In which times are said, where an order names none. */
  readonly zone: string
  /** From where pictures of goods may be loaded: sources of a content security policy. */
  readonly images: string
}

const sessionCookie = ({ url }: Pick<Customers, 'url'>): string =>
  url.protocol === 'https:' ? '__Host-cm-shop' : 'cm-shop'
const languageCookie = 'cm-lang'

const cookie = ({ url }: Pick<Customers, 'url'>, name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${url.protocol === 'https:' ? '; Secure' : ''}`

/** An answer in the making: who asks, and how they are spoken to. */
interface Visit {
  readonly call: PageCall
  readonly session: Session | undefined
  /** Of the order that is shown. */
  readonly spoken?: { readonly language?: string | undefined; readonly zone?: string | undefined } | undefined
  /** Since when nothing newer is known. */
  readonly since?: string | undefined
}

const params = { order: z.object({ orderId: z.string() }), request: z.object({ requestId: z.string() }) }

const wantedLanguage = ({ url }: PageCall): string | undefined =>
  new URL(url, 'http://shop').searchParams.get('lang') ?? undefined

const inLanguage = (call: PageCall, language: string): string => {
  const { pathname, searchParams } = new URL(call.url, 'http://shop')
  searchParams.set('lang', language)
  return `${pathname}?${searchParams}`
}

const surroundings = (customers: Customers, { call, session, spoken, since }: Visit): Surroundings => {
  const language = languageOf(
    [wantedLanguage(call), cookieOf(call, languageCookie), spoken?.language],
    headerOf(call, 'accept-language'),
  )
  const said = speech(language, spoken?.zone ?? customers.zone)
  const { shop, assets } = customers
  return {
    ...{ speech: said, shop, assets, links: [] },
    languages:
      call.method === 'GET' ? languages.map((each) => ({ ...each, href: inLanguage(call, each.language) })) : [],
    ...(session !== undefined && { home: homeOf(session.scope), formKey: formKeyOf(session.secret) }),
    ...(since !== undefined && { notice: said.words.common.away(said.moment(since)) }),
  }
}

const homeOf = (scope: CustomerScope): string => ('orderId' in scope ? hrefs.order(scope.orderId) : hrefs.orders)

type Make = (around: Surroundings) => Page

/** A page as it goes out. A language that was chosen is kept. */
const show = (customers: Customers, visit: Visit, status: number, make: Make): PageReply => {
  const around = surroundings(customers, visit)
  const body = documentOf(make(around), around)
  const chosen = wantedLanguage(visit.call) !== undefined && around.speech.language
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const headers = {
    ...securityHeaders({ images: customers.images }),
    ...{ vary: 'Accept-Language, Cookie', 'content-language': around.speech.language, etag },
    ...(typeof chosen === 'string' && { 'set-cookie': cookie(customers, languageCookie, chosen, 31_536_000) }),
  }
  if (status === 200 && headerOf(visit.call, 'if-none-match') === etag) return pageReply(304, '', headers)
  return pageReply(status, body, headers)
}

const troubles: Readonly<Partial<Record<ProblemCode, Trouble>>> = {
  ...{
    'not-found': 'notFound',
    'order-not-found': 'notFound',
    'request-not-found': 'notFound',
    unreadable: 'notFound',
  },
  ...{ away: 'away', 'too-large': 'tooLarge', 'foreign-form': 'foreign', 'media-type': 'foreign' },
}
const linkTroubles = { 'link-used': 'used', 'link-expired': 'expired', 'not-signed-in': 'signedOut' } as const

/** The page about what went wrong. It asks nobody anything, so that it comes whatever is away. */
const failed =
  (customers: Customers) =>
  ({ code }: Problem, call: PageCall): PageReply => {
    const { status } = problems[code]
    const closed = Object.entries(linkTroubles).find(([each]) => each === code)?.[1]
    const make: Make = (around) =>
      closed === undefined
        ? troublePage(
            troubles[code] ?? 'broken',
            call.method === 'GET' && status !== 404 ? call.url : undefined,
            around,
          )
        : closedLinkPage(closed, around)
    const { headers, ...reply } = show(customers, { call, session: undefined }, status, make)
    return { ...reply, headers: { ...headers, ...(status === 503 && { 'retry-after': '2' }) } }
  }

/** What a page of a session is made with. */
interface Desk {
  readonly customers: Customers
  sessionFor(call: PageCall): Promise<Session>
  /** What is known of an order of the session's scope, be it old. */
  caseFor(session: Session, orderId: string): Promise<Read<Case>>
  requestFor(session: Session, requestId: string): Promise<Read<{ readonly orderId: string; readonly known: Case }>>
}

const mayKnow = (scope: CustomerScope, orderId: string, known: Case | undefined): boolean =>
  'orderId' in scope ? scope.orderId === orderId : known?.order?.placed.customerId === scope.customerId

const createDesk = (customers: Customers): Desk => {
  const { database } = customers
  const sessions = createLastKnown<Session | undefined>()
  const cases = createLastKnown<Case>()
  const requests = createLastKnown<{ readonly orderId: string; readonly known: Case }>()
  return {
    customers,
    sessionFor: async (call) => {
      const secret = cookieOf(call, sessionCookie(customers))
      if (secret === undefined) throw new Problem('not-signed-in', 'expected the cookie of a session')
      const { value } = await sessions.read(secret, () => sessionOf(database, secret))
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

const fieldsIn = ({ url }: PageCall): URLSearchParams => new URL(url, 'http://shop').searchParams

/** A form of a session's page: turned away where it comes from elsewhere. */
const formOf = async ({ customers, sessionFor }: Desk, call: PageCall) => {
  checkOrigin(call, customers.url.origin)
  const fields = fieldsOf(call)
  const session = await sessionFor(call)
  checkFormKey(fields, session.secret)
  return { fields, session }
}

type Answer = PageRoute['answer']

const openLink =
  (customers: Customers): Answer =>
  async (call) => {
    const { token } = z.object({ token: z.string() }).parse(call.params)
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

const useOneLink =
  (customers: Customers): Answer =>
  async (call) => {
    checkOrigin(call, customers.url.origin)
    const { token } = z.object({ token: z.string() }).parse(call.params)
    const session = await useLink(customers.database, token)
    if (session === undefined) return openLink(customers)(call)
    const header = cookie(customers, sessionCookie(customers), session.secret, sessionSeconds)
    return seeOther(homeOf(session.scope), { 'set-cookie': header })
  }

const listOrders =
  ({ customers, sessionFor }: Desk): Answer =>
  async (call) => {
    const session = await sessionFor(call)
    const tab = fieldsIn(call).get('tab') === 'cancelled' ? 'cancelled' : 'open'
    const all = await ordersOfScope(customers.database, session.scope)
    const orders = all.flatMap(({ orderId, known }) => orderOf(orderId, known) ?? [])
    const [first] = all
    const visit = { call, session, spoken: first && spokenOf(first.known) }
    return show(customers, visit, 200, (around) => ordersPage(orders, tab, around))
  }

const showOrder =
  (desk: Desk): Answer =>
  async (call) => {
    const { orderId } = params.order.parse(call.params)
    const session = await desk.sessionFor(call)
    try {
      const read = await desk.caseFor(session, orderId)
      const order = shownOrder(orderId, read.value)
      const isOne = 'orderId' in session.scope
      return show(desk.customers, visitOf(call, session, read), 200, (around) =>
        orderPage(order, read.at, isOne, around),
      )
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'order-not-found')) throw error
      return show(desk.customers, { call, session }, 404, (around) => missingOrderPage(hrefs.order(orderId), around))
    }
  }

const isCancelling = ({ cancellations }: ShownOrder) => cancellations.find(({ outcome }) => outcome === undefined)

const showCancel =
  (desk: Desk): Answer =>
  async (call) => {
    const { orderId } = params.order.parse(call.params)
    const session = await desk.sessionFor(call)
    const read = await desk.caseFor(session, orderId)
    const order = shownOrder(orderId, read.value)
    const visit = visitOf(call, session, read)
    const open = isCancelling(order)
    if (open !== undefined) return seeOther(hrefs.cancellation(open.requestId))
    if (order.status === 'cancelled')
      return show(desk.customers, visit, 409, (around) => blockedPage(order, { code: 'already-cancelled' }, around))
    const fields = fieldsIn(call)
    return show(desk.customers, visit, 200, (around) => {
      const chosen = fields.has('reason') ? wishIn(order, fields, around.speech).wish : wholeWish(order)
      return cancelPage(order, chosen, [], around)
    })
  }

interface Reviewing {
  readonly orderId: string
  readonly order: ShownOrder
  readonly known: Case
  readonly wish: Wish
}

const previewFor = ({ orderId, order, known, wish }: Reviewing, at: string) => {
  const preview = previewOf(orderId, known, { lines: linesOf(order, wish), refundTo: wish.refundTo, at })
  if (preview === undefined) throw new Problem('order-not-found', `order ${orderId} was not heard of yet`)
  // Days go by; what was agreed to is items, sums and where they go.
  const content = [preview.amount, preview.lines, preview.tenders.map(({ expectedBy: _, ...each }) => each)]
  const seen = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)
  return { preview, seen }
}

const showReview =
  (desk: Desk): Answer =>
  async (call) => {
    const { orderId } = params.order.parse(call.params)
    const session = await desk.sessionFor(call)
    const read = await desk.caseFor(session, orderId)
    const order = shownOrder(orderId, read.value)
    const visit = visitOf(call, session, read)
    const { speech: said } = surroundings(desk.customers, visit)
    const { wish, errors } = wishIn(order, fieldsIn(call), said)
    if (isCancelling(order) === undefined && errors.length > 0)
      return show(desk.customers, visit, 422, (around) => cancelPage(order, wish, errors, around))
    const { preview, seen } = previewFor({ orderId, order, known: read.value, wish }, read.at)
    const { turned } = preview
    if (turned !== undefined) return show(desk.customers, visit, 409, (around) => blockedPage(order, turned, around))
    const reviewed = { order, wish, preview, seen, once: randomUUID() }
    return show(desk.customers, visit, 200, (around) => reviewPage(reviewed, { isChanged: false, errors: [] }, around))
  }

/** The same form again is the same request, whoever sends it how often: its id is made of the session, the order and the form. */
const requestOf = ({ scope }: Session, orderId: string, once: string): string =>
  requestIdOf(`customer ${JSON.stringify(scope)}`, orderId, once)

const sendCancel =
  (desk: Desk): Answer =>
  async (call) => {
    const { orderId } = params.order.parse(call.params)
    const { fields, session } = await formOf(desk, call)
    const read = await desk.caseFor(session, orderId)
    const known = read.value
    const order = shownOrder(orderId, known)
    const visit = visitOf(call, session, read)
    const { speech: said } = surroundings(desk.customers, visit)
    const once = fields.get('once') ?? ''
    const requestId = requestOf(session, orderId, once)
    if (known.told.has(requestId)) return seeOther(hrefs.cancellation(requestId))
    const { wish, errors } = wishIn(order, fields, said)
    const note = (fields.get('note') ?? '').trim().replaceAll('\r\n', '\n')
    const { preview, seen } = previewFor({ orderId, order, known, wish }, read.at)
    const { turned } = preview
    const blocked = (why: Turned) => show(desk.customers, visit, 409, (around) => blockedPage(order, why, around))
    if (turned !== undefined) return blocked(turned)
    const invalid = [
      ...errors,
      ...(note.length > mostNote ? [{ field: 'note', detail: said.words.trouble.tooLarge }] : []),
    ]
    const isChanged = fields.get('seen') !== seen
    if (read.isOld) throw new Problem('away', 'the database is away: try again')
    if (isChanged || invalid.length > 0 || once === '') {
      const reviewed = { order, wish, preview, seen, once: once || randomUUID(), note }
      const status = isChanged ? 409 : 422
      return show(desk.customers, visit, status, (around) =>
        reviewPage(reviewed, { isChanged, errors: invalid }, around),
      )
    }
    const lines = linesOf(order, wish)
    const reason = { code: wish.reason, ...(note !== '' && { note }) }
    const wanted = { requestId, orderId, initiator: 'customer', reason, refundTo: wish.refundTo } as const
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
    const { requestId } = params.request.parse(call.params)
    const session = await desk.sessionFor(call)
    const read = await desk.requestFor(session, requestId)
    const shown = await shownCancellation(desk, read, requestId)
    const visit = visitOf(call, session, { ...read, value: read.value.known })
    return show(desk.customers, visit, 200, (around) => cancellationPage(shown, !isOver(shown.now), around))
  }

const takeBack =
  (desk: Desk): Answer =>
  async (call) => {
    const { requestId } = params.request.parse(call.params)
    const { session } = await formOf(desk, call)
    const { value } = await desk.requestFor(session, requestId)
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
    const { requestId } = params.request.parse(call.params)
    const session = await desk.sessionFor(call)
    const read = await desk.requestFor(session, requestId)
    const { now } = await shownCancellation(desk, read, requestId)
    const { known } = read.value
    const wanted = now.lines ?? known.order?.placed.lines.map(({ lineId, quantity }) => ({ lineId, quantity })) ?? []
    const items = wanted.map(({ lineId, quantity }) => {
      const line = known.order?.placed.lines.find((each) => each.lineId === lineId)
      return `${quantity} × ${line === undefined ? lineId : titleOf(line)}`
    })
    const visit = visitOf(call, session, { ...read, value: known })
    return show(desk.customers, visit, 200, (around) => receiptPage(now, { at: read.at, items }, around))
  }

const scores = z.coerce.number().int().min(1).max(5)

const sendFeedback =
  (desk: Desk): Answer =>
  async (call) => {
    const { requestId } = params.request.parse(call.params)
    const { fields, session } = await formOf(desk, call)
    const read = await desk.requestFor(session, requestId)
    const score = scores.safeParse(fields.get('score') ?? '')
    const visit = visitOf(call, session, { ...read, value: read.value.known })
    const shown = await shownCancellation(desk, read, requestId)
    if (shown.feedback === 'none') return seeOther(hrefs.cancellation(requestId))
    if (!score.success)
      return show(desk.customers, visit, 422, (around) => {
        const feedbackErrors = [{ field: 'score', detail: around.speech.words.feedback.choose }]
        return cancellationPage({ ...shown, feedbackErrors }, false, around)
      })
    const text = (fields.get('text') ?? '').trim().slice(0, 2_000)
    await giveFeedback(desk.customers.database, {
      ...{ orderId: read.value.orderId, requestId, score: score.data, ...(text !== '' && { text }) },
    })
    return seeOther(hrefs.cancellation(requestId))
  }

/** Every page of customers. */
export const customerPages = (customers: Customers): PageRoute[] => {
  const desk = createDesk(customers)
  const page = (method: PageRoute['method'], path: string, answer: Answer): PageRoute => ({
    ...{ method, path, answer, failed: failed(customers) },
  })
  return [
    page('GET', '/', listOrders(desk)),
    page('GET', '/c/{token}', openLink(customers)),
    page('POST', '/c/{token}', useOneLink(customers)),
    page('GET', '/orders', listOrders(desk)),
    page('GET', '/orders/{orderId}', showOrder(desk)),
    page('GET', '/orders/{orderId}/cancel', showCancel(desk)),
    page('GET', '/orders/{orderId}/cancel/review', showReview(desk)),
    page('POST', '/orders/{orderId}/cancel', sendCancel(desk)),
    page('GET', '/cancellations/{requestId}', showCancellation(desk)),
    page('POST', '/cancellations/{requestId}/withdrawal', takeBack(desk)),
    page('GET', '/cancellations/{requestId}/receipt', showReceipt(desk)),
    page('POST', '/cancellations/{requestId}/feedback', sendFeedback(desk)),
    ...customers.assets.routes,
  ]
}
