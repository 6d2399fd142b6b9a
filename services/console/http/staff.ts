import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import { z } from 'zod'
import { type Asked, decide, withdraw } from '../decide/ask.ts'
import { canWithdraw } from '../decide/next.ts'
import { orderOf } from '../decide/order.ts'
import { storyOf } from '../decide/story.ts'
import type { Invalid } from '../pages/kit/form.ts'
import { documentOf, type Page, type Surroundings } from '../pages/kit/page.ts'
import { casePage } from '../pages/staff/case.ts'
import { inboxPage, type Result, resultsPage } from '../pages/staff/inbox.ts'
import { staffHrefs } from '../pages/staff/parts.ts'
import { searchPage, signedOutPage, staffTroublePage } from '../pages/staff/search.ts'
import type { Case } from '../state.ts'
import { type Deed, recordDeeds, settleDeeds, whoDecided } from '../store/deeds.ts'
import { caseOf, listOrders, listToDecide, placeOfRequest, placesOfRequests } from '../store/queries.ts'
import {
  beginSignIn,
  beginStaffSession,
  endStaffSession,
  type StaffRole,
  type StaffSession,
  staffLimits,
  staffSessionOf,
  takeSignIn,
} from '../store/staff.ts'
import { languageOf, speech } from '../words/languages.ts'
import { staffWords } from '../words/staff.ts'
import type { Assets } from './assets.ts'
import { type Identity, newSecrets } from './identity.ts'
import {
  checkFormKey,
  checkOrigin,
  cookieOf,
  fieldsOf,
  formKeyOf,
  headerOf,
  hostCookie,
  type PageCall,
  type PageReply,
  type PageRoute,
  pageReply,
  paramOf,
  queryOf,
  securityHeaders,
  seeOther,
  setCookie,
} from './page-route.ts'
import { Problem, problems } from './problems.ts'

/** The pages of staff: who they are, their identity provider says; what they may see and do, their roles and merchants. */
export interface Staff {
  readonly service: Pick<RunningService<Case>, 'decide'>
  readonly database: Database
  readonly identity: Identity
  readonly assets: Assets
  readonly shop: Surroundings['shop']
  /** How members of staff reach these pages, without a path. */
  readonly url: URL
  readonly zone: string
}

type Answer = PageRoute['answer']

const cookieName = ({ url }: Pick<Staff, 'url'>, name: string): string => hostCookie(url, name)
const cookie = (staff: Pick<Staff, 'url'>, name: string, value: string, seconds: number): string =>
  setCookie(staff.url, cookieName(staff, name), value, seconds)

const names = { session: 'cm-staff', signIn: 'cm-sign-in' } as const

const around = (staff: Staff, call: PageCall, session: StaffSession | undefined): Surroundings => ({
  ...{ speech: speech(languageOf(['en'], headerOf(call, 'accept-language')), staff.zone), shop: staff.shop },
  ...{ assets: staff.assets, languages: [], links: [], home: staffHrefs.inbox },
  ...(session !== undefined && { formKey: formKeyOf(session.secret) }),
})

const show = (staff: Staff, call: PageCall, session: StaffSession | undefined, page: Page, status = 200): PageReply =>
  pageReply(status, documentOf(page, around(staff, call, session)), securityHeaders())

/** The page about what went wrong. It asks nobody anything. Whoever is not signed in is sent to where they sign in. */
const failed =
  (staff: Staff) =>
  ({ code }: Problem, call: PageCall): PageReply => {
    if (code === 'not-signed-in' && call.method === 'GET') return seeOther(staffHrefs.signIn(call.url))
    const { status } = problems[code]
    const words: Readonly<Record<string, string>> = {
      ...{ 'not-signed-in': staffWords.signInFailed, 'sign-in-failed': staffWords.signInFailed },
      ...{ 'not-allowed': staffWords.notAllowed, away: staffWords.away, 'foreign-form': staffWords.foreign },
      ...(status === 404 && { [code]: staffWords.notFound }),
    }
    const again = status === 401 ? staffWords.signInAgain : staffWords.again
    const href = status === 401 ? staffHrefs.signIn(staffHrefs.inbox) : staffHrefs.inbox
    const page = staffTroublePage(words[code] ?? staffWords.broken, { label: again, href })
    return show(staff, call, undefined, page, status)
  }

const sessionFor = async (staff: Staff, call: PageCall): Promise<StaffSession> => {
  const secret = cookieOf(call, cookieName(staff, names.session))
  const session = secret === undefined ? undefined : await staffSessionOf(staff.database, secret)
  if (session === undefined) throw new Problem('not-signed-in', 'expected the cookie of a session that counts')
  return session
}

const mustBe = ({ roles }: StaffSession, ...wanted: readonly StaffRole[]): void => {
  if (!wanted.some((role) => roles.includes(role)))
    throw new Problem('not-allowed', `expected one of the roles ${wanted.join(', ')}`)
}

const formFor = async (staff: Staff, call: PageCall) => {
  checkOrigin(call, staff.url.origin)
  const fields = fieldsOf(call)
  const session = await sessionFor(staff, call)
  checkFormKey(fields, session.secret)
  return { fields, session }
}

/** A path of ours, whatever somebody put there. */
const pathIn = (text: string | null): string =>
  text !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.startsWith('/auth/') ? text : staffHrefs.inbox

const signIn =
  (staff: Staff): Answer =>
  async (call) => {
    const destination = pathIn(queryOf(call).get('to'))
    const secrets = newSecrets()
    const state = await beginSignIn(staff.database, { ...secrets, destination })
    const url = await staff.identity.begin(state, secrets.nonce, secrets.verifier)
    return seeOther(url.href, { 'set-cookie': cookie(staff, names.signIn, state, staffLimits.signInMinutes * 60) })
  }

const callback =
  (staff: Staff): Answer =>
  async (call) => {
    const state = cookieOf(call, cookieName(staff, names.signIn)) ?? ''
    const begun = await takeSignIn(staff.database, state)
    if (begun === undefined) throw new Problem('sign-in-failed', 'expected a sign-in that this browser began')
    const member = await staff.identity.finish(new URL(call.url, staff.url), { ...begun, state })
    const secret = await beginStaffSession(staff.database, member)
    return seeOther(begun.destination, {
      'set-cookie': [
        cookie(staff, names.session, secret, staffLimits.lifeHours * 3_600),
        cookie(staff, names.signIn, '', 0),
      ],
    })
  }

const signOut =
  (staff: Staff): Answer =>
  async (call) => {
    const { session } = await formFor(staff, call)
    await endStaffSession(staff.database, session.secret)
    const url = await staff.identity.end(session.idToken).catch(() => undefined)
    const again = { label: staffWords.signInAgain, href: staffHrefs.signIn(staffHrefs.inbox) }
    // A link: no form of a page may lead to another address.
    const page = signedOutPage([
      ...(url === undefined ? [] : [{ label: staffWords.signOutThere, href: url.href }]),
      again,
    ])
    const { headers, ...reply } = show(staff, call, undefined, page)
    return { ...reply, headers: { ...headers, 'set-cookie': cookie(staff, names.session, '', 0) } }
  }

const mostInInbox = 200
/** For so many, each of which is written down twice and sent. */
const manyMs = 8_000
const mayDecide = ({ roles }: StaffSession) => roles.includes('merchant') || roles.includes('support')

const showInbox =
  (staff: Staff): Answer =>
  async (call) => {
    const session = await sessionFor(staff, call)
    return show(staff, call, session, await inboxOf(staff, call, session))
  }

const inboxOf = async (
  staff: Staff,
  call: PageCall,
  session: StaffSession,
  given: { readonly chosen: ReadonlySet<string>; readonly message: string; readonly errors: readonly Invalid[] } = {
    ...{ chosen: new Set(), message: '', errors: [] },
  },
): Promise<Page> => {
  const requests = await listToDecide(staff.database, session.merchants, mostInInbox)
  const shown = { name: session.name, mayDecide: mayDecide(session), requests, ...given }
  return inboxPage(shown, around(staff, call, session))
}

interface Wanted {
  readonly decision: 'approve' | 'reject'
  readonly message: string
}

const resultOf = (
  staff: Staff,
  call: PageCall,
  {
    requestId,
    orderId,
    decision,
    asked,
  }: Pick<Deed, 'requestId' | 'orderId'> & Pick<Wanted, 'decision'> & { readonly asked: Asked },
  first: { readonly name: string; readonly at: string } | undefined,
): Result => {
  const { results } = staffWords
  if (asked === 'sent') return { requestId, orderId, isDone: true, words: results[decision] }
  const { speech: said } = around(staff, call, undefined)
  const who = first === undefined ? '' : staffWords.by(first.name, said.time(first.at))
  if (asked === 'again') return { requestId, orderId, isDone: true, words: results.again(who) }
  const words = asked.code === 'already-decided' ? results.decided(who, asked.detail) : results.late
  return { requestId, orderId, isDone: false, words }
}

const codeOf = (asked: Asked): string => (typeof asked === 'object' ? asked.code : asked)

/** Decides many, each for itself, and writes down who did. By the word of each order's merchant, for whom the member speaks: of others none counts. */
const decideEach = async (
  staff: Staff,
  call: PageCall,
  { subject, name, merchants }: StaffSession,
  chosen: readonly string[],
  { decision, message }: Wanted,
): Promise<Result[]> => {
  const { database, service } = staff
  const places = await placesOfRequests(database, chosen, merchants)
  const deeds = places.map(({ requestId, orderId }) => ({ subject, name, deed: decision, orderId, requestId }))
  await recordDeeds(database, deeds)
  const asked = await Promise.all(
    places.map(async ({ requestId, orderId, merchantId }) => {
      const data = { orderId, requestId, decision, by: merchantId ?? name, ...(message !== '' && { message }) }
      return { requestId, orderId, decision, asked: await service.decide(orderId, decide(data), call.traceparent) }
    }),
  )
  await settleDeeds(
    database,
    subject,
    asked.map((each) => ({ requestId: each.requestId, came: codeOf(each.asked) })),
  )
  const before = asked.filter((each) => each.asked !== 'sent').map(({ requestId }) => requestId)
  const first = before.length === 0 ? new Map() : await whoDecided(database, before)
  const byRequest = new Map(asked.map((each) => [each.requestId, each]))
  return chosen.map((requestId) => {
    const found = byRequest.get(requestId)
    return found === undefined
      ? { requestId, isDone: false, words: staffWords.results.unknown }
      : resultOf(staff, call, found, first.get(requestId))
  })
}

const decision = z.enum(['approve', 'reject'])

const decideMany =
  (staff: Staff): Answer =>
  async (call) => {
    const { fields, session } = await formFor(staff, call)
    mustBe(session, 'merchant', 'support')
    const chosen = [...new Set(fields.getAll('request'))].slice(0, mostInInbox)
    const message = (fields.get('message') ?? '').trim().replaceAll('\r\n', '\n')
    const wanted = decision.safeParse(fields.get('decision'))
    const errors = [
      ...(chosen.length === 0 || !wanted.success ? [{ field: 'request', detail: staffWords.choose }] : []),
      ...(wanted.data === 'reject' && message === '' ? [{ field: 'message', detail: staffWords.messageMissing }] : []),
      ...(message.length > 2_000 ? [{ field: 'message', detail: staffWords.messageLong }] : []),
    ]
    if (errors.length > 0 || !wanted.success) {
      const given = { chosen: new Set(chosen), message, errors }
      return show(staff, call, session, await inboxOf(staff, call, session, given), 422)
    }
    const sent = wanted.data === 'reject' ? message : ''
    const results = await decideEach(staff, call, session, chosen, { decision: wanted.data, message: sent })
    return show(staff, call, session, resultsPage(session.name, results, around(staff, call, session)))
  }

const caseFor = async (staff: Staff, session: StaffSession, orderId: string): Promise<Case> => {
  const known = await caseOf(staff.database, orderId, session.merchants)
  if (known?.order === undefined) throw new Problem('order-not-found', `order ${orderId} is not known, or not yours`)
  return known
}

const showCase =
  (staff: Staff): Answer =>
  async (call) => {
    const orderId = paramOf(call, 'orderId')
    const session = await sessionFor(staff, call)
    const known = await caseFor(staff, session, orderId)
    const order = orderOf(orderId, known)
    if (order === undefined) throw new Problem('order-not-found', `order ${orderId} is not known`)
    const { language, zone = staff.zone } = known.order?.placed ?? {}
    const takeable = session.roles.includes('support') ? order.cancellations.filter(canWithdraw) : []
    const shown = {
      ...{ name: session.name, order, story: storyOf(known), at: new Date().toISOString() },
      mayTakeBack: new Set(takeable.map(({ requestId }) => requestId)),
      customer: speech(languageOf([language], undefined), zone),
    }
    return show(staff, call, session, casePage(shown, around(staff, call, session)))
  }

const takeBack =
  (staff: Staff): Answer =>
  async (call) => {
    const orderId = paramOf(call, 'orderId')
    const { fields, session } = await formFor(staff, call)
    mustBe(session, 'support')
    const requestId = fields.get('request') ?? ''
    const known = await caseFor(staff, session, orderId)
    if (!known.told.has(requestId)) throw new Problem('request-not-found', `request ${requestId} is not of this order`)
    const { subject, name } = session
    await recordDeeds(staff.database, [{ subject, name, deed: 'withdraw', orderId, requestId }])
    const asked = await staff.service.decide(orderId, withdraw({ orderId, requestId, by: name }), call.traceparent)
    await settleDeeds(staff.database, subject, [{ requestId, came: codeOf(asked) }])
    return seeOther(staffHrefs.case(orderId))
  }

const search =
  (staff: Staff): Answer =>
  async (call) => {
    const session = await sessionFor(staff, call)
    const { database } = staff
    const text = (queryOf(call).get('q') ?? '').trim().slice(0, 128).toWellFormed()
    if (text !== '') {
      const known = await caseOf(database, text, session.merchants)
      if (known?.order !== undefined) return seeOther(staffHrefs.case(text))
      const place = await placeOfRequest(database, text, session.merchants)
      if (place !== undefined) return seeOther(staffHrefs.case(place.orderId))
    }
    const page = { after: undefined, limit: 50 }
    const all = text === '' ? [] : await listOrders(database, { customerId: text }, session.merchants, page)
    const found = all.flatMap((each) => orderOf(each.orderId, each.known) ?? [])
    return show(staff, call, session, searchPage({ name: session.name, text, found }, around(staff, call, session)))
  }

/** Every page of staff. */
export const staffPages = (staff: Staff): PageRoute[] => {
  const page = (method: PageRoute['method'], path: string, answer: (staff: Staff) => Answer): PageRoute => ({
    ...{ method, path, answer: answer(staff), failed: failed(staff) },
  })
  return [
    page('GET', '/', search),
    page('GET', '/inbox', showInbox),
    { ...page('POST', '/inbox', decideMany), waitMs: manyMs },
    page('GET', '/cases/{orderId}', showCase),
    page('POST', '/cases/{orderId}/withdrawal', takeBack),
    page('GET', '/auth/sign-in', signIn),
    page('GET', '/auth/callback', callback),
    page('POST', '/auth/sign-out', signOut),
    ...staff.assets.routes,
  ]
}
