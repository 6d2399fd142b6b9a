import { createHash, randomUUID } from 'node:crypto'
import { clean, isClean } from '@countermand/contracts/text.ts'
import { z } from 'zod'
import { formKeyField, onceField } from '../pages/kit/form.ts'
import { Problem } from './problems.ts'

/** Pages for people, beside the API: how a form comes in, and what goes out with every page. Whose they are, their routes know. */

/** A call as it came. */
export interface PageCall {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly url: string
  readonly params: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer | undefined
  /** Of whoever calls, as far as the nearest proxy that is believed says. */
  readonly address: string
  readonly traceparent: string | null
}

export interface PageReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

export interface PageRoute {
  readonly method: 'GET' | 'POST' | 'OPTIONS'
  /** With its parameters in braces. */
  readonly path: string
  /** For so many ms more than others its answer may be waited for: many deeds at once. */
  readonly waitMs?: number
  /** Of its form, percent-encoded, where more than of others is taken. */
  readonly mostBytes?: number
  /** Throws a {@link Problem} where there is nothing to show. */
  answer(call: PageCall): Promise<PageReply>
  /** The page that says what went wrong: it asks nobody anything. */
  failed(problem: Problem, call: PageCall): PageReply
}

/** Nothing is loaded from elsewhere but pictures of goods, nobody frames a page, and no address is told on. */
export const securityHeaders = ({
  images = '',
}: {
  readonly images?: string
} = {}): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", `img-src 'self' data: ${images}`.trim()],
    ...["connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"],
  ].join('; '),
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
})

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header

export const headerOf = ({ headers }: Pick<PageCall, 'headers'>, name: string): string | undefined =>
  textOf(headers[name])

/** The token of a shop's own page. */
export const bearerOf = (call: Pick<PageCall, 'headers'>): string | undefined =>
  /^Bearer ([\w-]+)$/i.exec(headerOf(call, 'authorization') ?? '')?.[1]

/** A cookie's value, by its name. */
export const cookieOf = (call: Pick<PageCall, 'headers'>, name: string): string | undefined =>
  (headerOf(call, 'cookie') ?? '')
    .split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** A cookie that no script reads, for so many seconds. */
export const setCookie = ({ protocol }: URL, name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${protocol === 'https:' ? '; Secure' : ''}`

/** The name of a cookie that only this very host can set, where browsers see to that. */
export const hostCookie = ({ protocol }: URL, name: string): string => (protocol === 'https:' ? `__Host-${name}` : name)

const params = z.record(z.string(), z.string())

/** An id of the page's path. Throws where it can be nobody's. */
export const paramOf = (call: Pick<PageCall, 'params'>, name: string): string => {
  const id = params.parse(call.params)[name]
  if (id === undefined || !isClean(id)) throw new Problem('not-found', `expected an ${name} that can be kept`)
  return id
}

/** What people typed, as it can be kept. */
const cleaned = (fields: URLSearchParams): URLSearchParams => {
  const kept = new URLSearchParams()
  for (const [name, value] of fields) kept.append(clean(name), clean(value))
  return kept
}

/** What stands behind the question mark. */
export const queryOf = ({ url }: Pick<PageCall, 'url'>): URLSearchParams =>
  cleaned(new URL(url, 'http://page').searchParams)

/** What a form sent: each field's values. Throws where it is no form. */
export const fieldsOf = (call: Pick<PageCall, 'headers' | 'body'>): URLSearchParams => {
  const [type = ''] = (headerOf(call, 'content-type') ?? '').toLowerCase().split(';')
  if (type.trim() !== 'application/x-www-form-urlencoded')
    throw new Problem('media-type', 'expected application/x-www-form-urlencoded')
  return cleaned(new URLSearchParams(call.body?.toString('utf8') ?? ''))
}

/**
 * Turns away what was sent from another site's page: the browser says where it was sent from, by `Sec-Fetch-Site`, else by `Origin`. Who says
 * neither is no browser of today, and has no cookie that somebody else's page could use.
 */
export const checkOrigin = (call: Pick<PageCall, 'headers'>, origin: string): void => {
  const site = headerOf(call, 'sec-fetch-site')
  const from = headerOf(call, 'origin')
  const isOwn = site === undefined ? from === undefined || from === origin : site === 'same-origin' || site === 'none'
  if (!isOwn) throw new Problem('foreign-form', 'expected a form of a page of this address')
}

/** What a form of this session has in it: made of its secret, which cannot be made of it. */
export const formKeyOf = (sessionSecret: string): string =>
  createHash('sha256').update(`form\n${sessionSecret}`).digest('base64url')

/** Turns away a form that was not made for this session. */
export const checkFormKey = (fields: URLSearchParams, sessionSecret: string): void => {
  if (fields.get(formKeyField) !== formKeyOf(sessionSecret))
    throw new Problem('foreign-form', 'expected a form that was made for this session')
}

const uuid = z.uuid()

/** The own id of a form; one that has none is like no other. */
export const onceIn = (fields: URLSearchParams): string => uuid.safeParse(fields.get(onceField)).data ?? randomUUID()

/** Nobody but its reader keeps it. */
export const pageReply = (status: number, body: string, headers: PageReply['headers'] = {}): PageReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-store', ...headers },
  body,
})

/** A page, or word that the reader has this very one already. `once`: what its forms are known by makes it no other page. */
export const pageAnswer = (
  call: PageCall,
  status: number,
  { body, once }: { readonly body: string; readonly once: string },
  headers: PageReply['headers'],
): PageReply => {
  const etag = `"${createHash('sha256').update(body.replaceAll(once, '')).digest('base64url').slice(0, 22)}"`
  const isKnown = status === 200 && headerOf(call, 'if-none-match') === etag
  return pageReply(isKnown ? 304 : status, isKnown ? '' : body, { ...headers, etag })
}

/** The browser asks for that next, so that going back or loading again sends nothing twice. */
export const seeOther = (location: string, headers: PageReply['headers'] = {}): PageReply => ({
  status: 303,
  headers: { location, 'cache-control': 'no-store', ...headers },
  body: '',
})
