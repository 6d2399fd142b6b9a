import { randomUUID } from 'node:crypto'
import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import type { SecondPersonFrom } from '../../decide/operation.ts'
import type { ApprovalOf } from '../../decide/preview.ts'
import { documentOf, type Page, type Surroundings } from '../../pages/kit/page.ts'
import { homeOf, type StaffAround, seesStatements, staffHrefs, staffNav } from '../../pages/staff/parts.ts'
import { noMerchantsPage, type StaffTrouble, staffTroublePage } from '../../pages/staff/trouble.ts'
import type { Case } from '../../state.ts'
import { caseOf } from '../../store/queries.ts'
import { type StaffSession, staffSessionOf } from '../../store/staff.ts'
import { languageOf, languages, speech, staffWordsIn } from '../../words/languages.ts'
import type { Assets } from '../assets.ts'
import type { Identity } from '../identity.ts'
import {
  checkFormKey,
  checkOrigin,
  cookieOf,
  fieldsOf,
  formKeyOf,
  headerOf,
  hostCookie,
  onceIn,
  type PageCall,
  type PageReply,
  type PageRoute,
  pageAnswer,
  queryOf,
  securityHeaders,
  seeOther,
  setCookie,
} from '../page-route.ts'
import { Problem, type ProblemCode, problems } from '../problems.ts'
import type { StaffEndpoint } from './endpoints.ts'

/** How pages of staff go out, and whom they let in: who somebody is, their identity provider says; what they may see and do, their roles and merchants. */
export interface Staff {
  readonly service: Pick<RunningService<Case>, 'decide' | 'isPublishing' | 'readiness'>
  readonly database: Database
  readonly identity: Identity
  readonly assets: Assets
  readonly shop: Surroundings['shop']
  /** How members of staff reach these pages, without a path. */
  readonly url: URL
  readonly zone: string
  /** What shops decide, by an order. */
  readonly approvalOf: ApprovalOf
  /** How customers reach theirs, without a path. */
  readonly customersUrl: URL
  /** Whether mails are sent. */
  readonly mails: boolean
  /** By which the shop has hashed its customers' addresses; absent: nobody can be known by theirs. */
  readonly contactKey?: string | undefined
  /** Where a deed begins to need a second person. */
  readonly secondPersonFrom: SecondPersonFrom
  /** From where pictures of goods may be loaded: sources of a content security policy. */
  readonly images: string
}

/** Who asks for what, once they were let in. */
export interface Visit {
  readonly call: PageCall
  readonly session: StaffSession
  /** What a form sent; of a page that only shows, nothing. */
  readonly fields: URLSearchParams
  /** The form’s own id: a UUID. */
  readonly once: string
}

/** By whom, and by which form, something is done. */
export const doerOf = ({ session: { subject, name }, once }: Pick<Visit, 'session' | 'once'>) => ({
  ...{ subject, name, batch: once },
})

const names = { session: 'cm-staff', language: 'cm-staff-lang' } as const

export const staffCookie = (staff: Pick<Staff, 'url'>): string => hostCookie(staff.url, names.session)

const inLanguage = (call: PageCall, language: string): string => {
  const [path = ''] = call.url.split('?')
  const query = queryOf(call)
  query.set('lang', language)
  return `${path}?${query}`
}

const wantedLanguage = (call: PageCall): string | undefined => queryOf(call).get('lang') ?? undefined

export const around = (staff: Staff, call: PageCall, session: StaffSession | undefined): StaffAround => {
  const wishes = [wantedLanguage(call), cookieOf(call, names.language)]
  const language = languageOf(wishes, headerOf(call, 'accept-language'))
  const say = staffWordsIn(language)
  const plain = {
    ...{ speech: speech(language, staff.zone), say, shop: staff.shop, assets: staff.assets },
    ...{ links: [], home: session === undefined ? staffHrefs.inbox : homeOf(session), once: randomUUID() },
    ...(!staff.service.isPublishing() && { notice: say.late }),
    languages:
      call.method === 'GET' ? languages.map((each) => ({ ...each, href: inLanguage(call, each.language) })) : [],
    ...(session !== undefined && { formKey: formKeyOf(session.secret) }),
  }
  return session === undefined ? plain : { ...plain, nav: staffNav(session, call.url, plain) }
}

export type Make = (around: StaffAround) => Page

/** A page as it goes out. A language that was chosen is kept. */
export const show = (
  staff: Staff,
  { call, session }: { readonly call: PageCall; readonly session: StaffSession | undefined },
  make: Make,
  status = 200,
): PageReply => {
  const surroundings = around(staff, call, session)
  const body = documentOf(make(surroundings), surroundings)
  const {
    once,
    speech: { language },
  } = surroundings
  return pageAnswer(
    call,
    status,
    { body, once },
    {
      ...{ ...securityHeaders({ images: staff.images }), 'content-language': language },
      ...(wantedLanguage(call) !== undefined && {
        'set-cookie': setCookie(staff.url, names.language, language, 31_536_000),
      }),
    },
  )
}

/** The script looks at a page again: nobody is there for that. */
const looksAgain = (call: PageCall): boolean => headerOf(call, 'x-look') !== undefined

const troubles: Readonly<Partial<Record<ProblemCode, StaffTrouble>>> = {
  ...{ 'not-signed-in': 'ended', 'sign-in-failed': 'signIn', 'not-allowed': 'notAllowed', away: 'away' },
  ...{ 'foreign-form': 'foreign', 'media-type': 'foreign', 'too-large': 'tooLarge', unreadable: 'notFound' },
}

/** The page about what went wrong. It asks nobody anything. Whoever is not signed in is sent to where they sign in. */
export const failed =
  (staff: Staff) =>
  ({ code }: Problem, call: PageCall): PageReply => {
    if (code === 'not-signed-in' && call.method === 'GET' && !looksAgain(call))
      return seeOther(staffHrefs.signIn(call.url))
    const { status } = problems[code]
    const trouble = troubles[code] ?? (status === 404 ? 'notFound' : 'broken')
    const again = call.method === 'GET' && (status === 503 || status === 500) ? call.url : undefined
    const make: Make = (each) =>
      code === 'no-merchants'
        ? noMerchantsPage(staff.identity.merchantsClaim, each)
        : staffTroublePage(trouble, again, each)
    const reply = show(staff, { call, session: undefined }, make, status)
    return status === 503 ? { ...reply, headers: { ...reply.headers, 'retry-after': '2' } } : reply
  }

const sessionFor = async (staff: Staff, call: PageCall): Promise<StaffSession> => {
  const secret = cookieOf(call, staffCookie(staff))
  const session =
    secret === undefined ? undefined : await staffSessionOf(staff.database, secret, { isThere: !looksAgain(call) })
  if (session === undefined) throw new Problem('not-signed-in', 'expected the cookie of a session that counts')
  return session
}

const formIn = (staff: Staff, call: PageCall): URLSearchParams => {
  checkOrigin(call, staff.url.origin)
  return fieldsOf(call)
}

/** Lets in who may, and turns away forms that were not made for this session, or not sent from here. */
const admit = async (staff: Staff, { method, who, about }: StaffEndpoint, call: PageCall): Promise<Visit> => {
  const fields = method === 'POST' ? formIn(staff, call) : new URLSearchParams()
  const session = await sessionFor(staff, call)
  if (method === 'POST') checkFormKey(fields, session.secret)
  if (who !== 'anybody' && !who.some((role) => session.roles.includes(role)))
    throw new Problem('not-allowed', `expected one of the roles ${who.join(', ')}`)
  if (about === 'system' && session.merchants !== null)
    throw new Problem('not-found', 'expected a member of all merchants')
  if (about === 'statement' && !seesStatements(session))
    throw new Problem('not-found', 'expected a member of all merchants')
  return { call, session, fields, once: onceIn(fields) }
}

/** A page's way for who is signed in. */
export const staffPage = (
  staff: Staff,
  endpoint: StaffEndpoint,
  answer: (visit: Visit) => Promise<PageReply>,
): PageRoute => ({
  ...{ method: endpoint.method, path: endpoint.path, failed: failed(staff) },
  ...(endpoint.waitMs !== undefined && { waitMs: endpoint.waitMs }),
  ...(endpoint.mostBytes !== undefined && { mostBytes: endpoint.mostBytes }),
  answer: async (call) => await answer(await admit(staff, endpoint, call)),
})

/** A page's way for anybody. */
export const openPage = (
  staff: Staff,
  { method, path }: StaffEndpoint,
  answer: (call: PageCall) => Promise<PageReply>,
): PageRoute => ({ method, path, answer, failed: failed(staff) })

/** What is known of an order of the member's merchants. */
export const caseFor = async (staff: Staff, { merchants }: StaffSession, orderId: string): Promise<Case> => {
  const known = await caseOf(staff.database, orderId, merchants)
  if (known?.order === undefined) throw new Problem('order-not-found', `order ${orderId} is not known, or not yours`)
  return known
}
