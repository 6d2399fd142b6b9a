import { randomUUID } from 'node:crypto'
import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import type { ApprovalOf } from '../decide/preview.ts'
import { closedLinkPage } from '../pages/customer/link.ts'
import { hrefs } from '../pages/customer/parts.ts'
import { type Trouble, troublePage } from '../pages/customer/trouble.ts'
import { documentOf, type Page, type Shop, type Surroundings } from '../pages/kit/page.ts'
import type { Speech } from '../pages/kit/speech.ts'
import type { Case } from '../state.ts'
import type { CustomerScope, Session } from '../store/links.ts'
import { languageOf, languages, speech } from '../words/languages.ts'
import type { Assets } from './assets.ts'
import {
  cookieOf,
  formKeyOf,
  headerOf,
  hostCookie,
  type PageCall,
  type PageReply,
  type PageRoute,
  pageAnswer,
  queryOf,
  securityHeaders,
  setCookie,
} from './page-route.ts'
import { type Problem, type ProblemCode, problems } from './problems.ts'

/** How customers' pages go out: in whose words, with what around them, and what is shown when something went wrong. */

export interface Customers {
  readonly service: Pick<RunningService<Case>, 'decide' | 'isPublishing'>
  readonly database: Database
  readonly assets: Assets
  readonly shop: Shop
  /** How customers reach these pages, without a path. */
  readonly url: URL
  /** In which times are said, where an order names none. */
  readonly zone: string
  /** Whether mails are sent. */
  readonly mails: boolean
  /** By which the shop has hashed its customers' addresses; absent: nobody can be known by theirs. */
  readonly contactKey?: string | undefined
  /** What shops decide, by an order. */
  readonly approvalOf: ApprovalOf
  /** Origins of shops' own pages, in which customers may cancel too. */
  readonly origins: readonly string[]
  /** From where pictures of goods may be loaded: sources of a content security policy. */
  readonly images: string
}

export const sessionCookie = ({ url }: Pick<Customers, 'url'>): string => hostCookie(url, 'cm-shop')
const languageCookie = 'cm-lang'

/** An answer in the making: who asks, and how they are spoken to. */
export interface Visit {
  readonly call: PageCall
  readonly session: Session | undefined
  /** Of the order that is shown. */
  readonly spoken?: { readonly language?: string | undefined; readonly zone?: string | undefined } | undefined
  /** Since when nothing newer is known. */
  readonly since?: string | undefined
}

const wantedLanguage = (call: PageCall): string | undefined => queryOf(call).get('lang') ?? headerOf(call, 'x-language')

const inLanguage = (call: PageCall, language: string): string => {
  const [path = ''] = call.url.split('?')
  const query = queryOf(call)
  query.set('lang', language)
  return `${path}?${query}`
}

const linksOf = ({ mails, contactKey }: Customers, { words }: Speech) => [
  ...(mails && contactKey !== undefined ? [{ label: words.link.find, href: hrefs.find }] : []),
  { label: words.common.withdrawHere, href: hrefs.withdraw },
]

export const surroundings = (customers: Customers, { call, session, spoken, since }: Visit): Surroundings => {
  const language = languageOf(
    [wantedLanguage(call), cookieOf(call, languageCookie), spoken?.language],
    headerOf(call, 'accept-language'),
  )
  const said = speech(language, spoken?.zone ?? customers.zone)
  const { shop, assets, service } = customers
  const late = service.isPublishing() ? undefined : said.words.common.late
  const notice = since === undefined ? late : said.words.common.away(said.moment(since))
  return {
    ...{ speech: said, shop, assets, links: linksOf(customers, said), once: randomUUID() },
    languages:
      call.method === 'GET' ? languages.map((each) => ({ ...each, href: inLanguage(call, each.language) })) : [],
    ...(session !== undefined && { home: homeOf(session.scope), formKey: formKeyOf(session.secret) }),
    ...(notice !== undefined && { notice }),
  }
}

export const homeOf = (scope: CustomerScope): string => ('orderId' in scope ? hrefs.order(scope.orderId) : hrefs.orders)

export type Make = (around: Surroundings) => Page

/** A page as it goes out. A language that was chosen is kept. */
export const show = (customers: Customers, visit: Visit, status: number, make: Make): PageReply => {
  const around = surroundings(customers, visit)
  const body = documentOf(make(around), around)
  const chosen = wantedLanguage(visit.call) !== undefined && around.speech.language
  return pageAnswer(
    visit.call,
    status,
    { body, once: around.once },
    {
      ...securityHeaders({ images: customers.images }),
      ...{ vary: 'Accept-Language, Cookie', 'content-language': around.speech.language },
      ...(typeof chosen === 'string' && { 'set-cookie': setCookie(customers.url, languageCookie, chosen, 31_536_000) }),
    },
  )
}

const troubles: Readonly<Partial<Record<ProblemCode, Trouble>>> = {
  ...{
    'not-found': 'notFound',
    'order-not-found': 'notFound',
    'request-not-found': 'notFound',
    unreadable: 'notFound',
  },
  ...{ away: 'away', 'too-large': 'tooLarge', 'foreign-form': 'foreign', 'media-type': 'foreign' },
  ...{ 'too-many-calls': 'limit' },
}
const linkTroubles = { 'link-used': 'used', 'link-expired': 'expired', 'not-signed-in': 'signedOut' } as const

const minuteMs = 60_000
/** When it may be tried again, at a full minute: a page says no seconds. ISO 8601. */
const afterMinutes = (seconds: number): string =>
  new Date(Math.ceil((Date.now() + seconds * 1_000) / minuteMs) * minuteMs).toISOString()

/** The page about what went wrong. It asks nobody anything, so that it comes whatever is away. */
export const failed =
  (customers: Customers) =>
  ({ code, more }: Problem, call: PageCall): PageReply => {
    const { status } = problems[code]
    const closed = Object.entries(linkTroubles).find(([each]) => each === code)?.[1]
    const make: Make = (around) =>
      closed === undefined
        ? troublePage(
            troubles[code] ?? 'broken',
            call.method === 'GET' && status !== 404 ? call.url : undefined,
            around,
            more.after === undefined ? undefined : afterMinutes(more.after),
          )
        : closedLinkPage(closed, around)
    const { headers, ...reply } = show(customers, { call, session: undefined }, status, make)
    return {
      ...reply,
      headers: { ...headers, ...((status === 503 || status === 429) && { 'retry-after': String(more.after ?? 2) }) },
    }
  }

/** Lets a shop's own page read the answer, where that page is of an origin that may. */
const toOrigin = ({ origins }: Customers, call: PageCall): PageReply['headers'] => {
  const origin = headerOf(call, 'origin')
  return origin === undefined || !origins.includes(origin)
    ? {}
    : { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'ETag, Retry-After' }
}

const readable = (customers: Customers, call: PageCall, { headers, ...reply }: PageReply): PageReply => ({
  ...reply,
  headers: {
    ...headers,
    ...(customers.origins.length > 0 && { vary: [headers.vary ?? [], 'Origin'].flat().join(', ') }),
    ...toOrigin(customers, call),
  },
})

/** A page's way: what answers, and what is shown when it cannot. */
export const page = (
  customers: Customers,
  method: PageRoute['method'],
  path: string,
  answer: PageRoute['answer'],
): PageRoute => ({
  ...{ method, path },
  answer: async (call) => readable(customers, call, await answer(call)),
  failed: (problem, call) => readable(customers, call, failed(customers)(problem, call)),
})

/** Browsers ask before a shop's own page sends a token along; of other origins nothing is said, so that they do not send. */
export const preflights = (customers: Customers): PageRoute[] =>
  customers.origins.length === 0
    ? []
    : ['/orders/*', '/cancellations/*'].map((path) =>
        page(customers, 'OPTIONS', path, async () => ({
          ...{ status: 204, body: '' },
          headers: {
            ...{ 'access-control-allow-methods': 'GET, POST', 'access-control-max-age': '600' },
            'access-control-allow-headers': 'Authorization, Content-Type, If-None-Match, X-Language',
          },
        })),
      )
