import { randomBytes } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { z } from 'zod'
import { type Kept, keptIn } from '../kept.ts'
import type { Answer, Asked } from '../serve-api.ts'
import * as answers from './answers.ts'
import type { Book, Refund } from './book.ts'
import { certificate } from './certificate.ts'
import { createRefund, endAuthorization, objectOf } from './refunds.ts'
import { type Report, reportOf } from './report.ts'

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
  /** The seller that a platform's app asks for; absent: it asks for itself. */
  readonly payerId?: string
}

const assertion = z.object({ iss: z.string(), payer_id: z.string() })
const isFor = ({ headers }: Asked, { clientId, payerId }: Credentials): boolean => {
  const given = headers['paypal-auth-assertion']
  if (payerId === undefined) return given === undefined
  const [, payload = '', signature] = given?.split('.') ?? []
  const read = assertion.safeParse(jsonIn(Buffer.from(payload, 'base64url').toString()))
  return signature === '' && read.data?.iss === clientId && read.data.payer_id === payerId
}

type Route = readonly [string, RegExp, (id: string, asked: Asked) => Answer]

const shown = <Found>(found: Found | undefined, show: (found: Found) => unknown): Answer =>
  found === undefined ? answers.missing : answers.ok(show(found))
const routesOf = (book: Book, keys: Map<string, Refund>, report: () => Report): readonly Route[] => [
  ['GET', /^\/v1\/reporting\/(transactions)$/, (_, { query }) => reportOf(book, query, report())],
  ['POST', /^\/v2\/payments\/captures\/(\w+)\/refund$/, (id, asked) => createRefund(book, keys, id, asked)],
  ['POST', /^\/v2\/payments\/authorizations\/(\w+)\/void$/, (id, asked) => endAuthorization(book, id, 'void', asked)],
  [
    'POST',
    /^\/v2\/payments\/authorizations\/(\w+)\/capture$/,
    (id, asked) => endAuthorization(book, id, 'capture', asked),
  ],
  ['GET', /^\/v2\/payments\/refunds\/(\w+)$/, (id) => shown(book.find(id), (found) => objectOf(book, found))],
  [
    ...(['GET', /^\/v2\/payments\/captures\/(\w+)$/] as const),
    (id) => shown(book.capture(id), (found) => answers.captureOf(found, book.left(found))),
  ],
  [
    ...(['GET', /^\/v2\/payments\/authorizations\/(\w+)$/] as const),
    (id) => shown(book.authorization(id), answers.authorizationOf),
  ],
  [
    ...(['GET', /^\/v2\/checkout\/orders\/(\w+)$/] as const),
    (id) =>
      shown(book.order(id), (found) =>
        answers.orderOf(
          ...([found, book.left(found), book.refunds().filter(({ payment }) => payment === found.id)] as const),
        ),
      ),
  ],
]

const tokenSeconds = 32_400

/** The provider's API on its book. */
export const createApi = (book: Book, credentials: Credentials, report: () => Report, kept: Kept = keptIn()) => {
  const tokens = new Set<string>()
  /** By key: the refund that was made with it. */
  const keys = kept.map<Refund>('keys')
  const routes = routesOf(book, keys, report)

  const token = ({ headers, body }: Asked): Answer => {
    const { clientId, clientSecret } = credentials
    const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    if (headers.authorization !== expected) return answers.badClient
    if (new URLSearchParams(body).get('grant_type') !== 'client_credentials')
      return { status: 400, body: { error: 'unsupported_grant_type', error_description: 'Unsupported grant_type' } }
    const access_token = `A21AA_${randomBytes(12).toString('hex')}`
    tokens.add(access_token)
    return answers.ok({ scope: '', access_token, token_type: 'Bearer', app_id: 'APP-1', expires_in: tokenSeconds })
  }

  return {
    answer: (asked: Asked): Answer => {
      const { method, path, headers } = asked
      if (method === 'GET' && path === '/v1/notifications/certs/CERT-1')
        return { status: 200, body: certificate, headers: { 'content-type': 'application/x-pem-file' } }
      if (method === 'POST' && path === '/v1/oauth2/token') return token(asked)
      if (!tokens.has((headers.authorization ?? '').replace(/^Bearer /, ''))) return answers.badToken
      if (!isFor(asked, credentials)) return answers.no(403, 'PERMISSION_DENIED', 'You do not have permission.')
      for (const [verb, is, does] of routes) {
        const id = verb === method ? is.exec(path)?.[1] : undefined
        if (id !== undefined) return does(id, asked)
      }
      return answers.no(404, 'INVALID_RESOURCE_ID', 'There is no such resource.')
    },
    /** They may be taken back before their end. */
    revokeTokens: () => tokens.clear(),
    /** They are kept for 45 days. */
    forgetKeys: () => keys.clear(),
  }
}

export type Api = ReturnType<typeof createApi>
