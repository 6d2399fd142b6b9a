import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Asked } from '../serve-api.ts'
import type { Book, Parcel, Said } from './book.ts'

/** UPS's API on its book, as far as we call it: as strict as its OpenAPI documents are about headers, numbers and bodies. */

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

const failed = (status: number, code: string, message: string): Answer => ({
  ...{ status, body: { response: { errors: [{ code, message }] } } },
})
export const failure = failed(
  500,
  '10004',
  'Something went wrong while processing your request, please try again later',
)
export const tooMany: Answer = { ...failed(429, '429', 'Quota Limit Exceeded'), headers: { 'retry-after': '0' } }
export const badToken = failed(401, '250002', 'Invalid Authentication Information')
const missing = failed(404, '404', 'The requested resource was not found.')
const invalid = (what: string) => failed(400, '710', `Failure due to input validation error: ${what}`)

const lifeS = 14_399

const requesterContactInfo = z.strictObject({
  ...{ name: z.string().min(1).max(30), telephone: z.string().regex(/^\+\d{1,13}$/) },
  ...{ emailAddress: z.string().max(50).optional(), displayPhoneNumber: z.boolean() },
})
const asked = { requestType: z.literal('RS'), specialInstructions: z.null(), requesterContactInfo }
const bodies = {
  return: z.strictObject({ ...asked, reasonForReturn: z.enum(['AM', 'AN', 'AQ', 'AR', 'AS', 'FA', 'KR', 'KS', 'KV']) }),
  cancel: z.strictObject(asked),
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const intercepted = (said: Said): Answer => {
  if (said.is === 'fails') return failure
  const common = {
    transactionId: randomBytes(7).toString('hex'),
    statusCode: '000',
    statusMsg: 'Success',
    subStatusCode: '',
  }
  const errors = said.is === 'ok' ? null : [{ errorCode: said.code, errorMessage: said.words }]
  return { status: 200, body: { ...common, success: said.is === 'ok', errors } }
}

/** Each of its texts begins with what is a line break in XML. */
const marked = (text: string) => `&#xD;${text}`

const voided = (said: Said, trackingNumber: string): Answer => {
  if (said.is === 'fails') return failure
  if (said.is === 'no') return failed(400, said.code, said.words)
  const Status = { Code: marked('1'), Description: marked('Voided') }
  const ResponseStatus = { Code: marked('1'), Description: marked('Success') }
  const VoidShipmentResponse = {
    ...{ Response: { ResponseStatus }, SummaryResult: { Status } },
    PackageLevelResult: [{ TrackingNumber: marked(trackingNumber), Status }],
  }
  return { status: 200, body: { VoidShipmentResponse } }
}

const eligible = ({ create, cancel }: ReturnType<Book['eligibility']>): Answer => {
  const other = { createEligibility: 'ELIGIBLE', modifyEligibility: 'NOT_ELIGIBLE', cancelEligibility: 'NOT_ELIGIBLE' }
  const own = { ...other, createEligibility: create, cancelEligibility: cancel }
  const commonEligibilityMap = [
    { interceptFeature: 'FD', eligibilityValue: other },
    { interceptFeature: 'RTS', eligibilityValue: own },
  ]
  const common = {
    transactionId: randomBytes(7).toString('hex'),
    statusCode: '000',
    statusMsg: 'SUCCESS',
    success: true,
  }
  return { status: 200, body: { response: { ...common, errors: null, warnings: null, commonEligibilityMap } } }
}

const tracked = ({ trackingNumber, history }: Parcel): Answer => {
  const activity = history.map(({ at, ...status }) => {
    const [date = '', time = ''] = new Date(at).toISOString().split('T')
    return { gmtDate: date.replaceAll('-', ''), gmtTime: time.slice(0, 8).replaceAll(':', ''), status }
  })
  const shipment = [{ inquiryNumber: trackingNumber, package: [{ trackingNumber, activity }] }]
  return { status: 200, body: { trackResponse: { shipment } } }
}

const lower = (header: string | undefined, is: RegExp) => is.test(header ?? '')

export const createApi = (book: Book, { clientId, clientSecret }: Credentials, now: () => number) => {
  const tokens = new Map<string, number>()
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

  const give = ({ headers, body }: Asked): Answer => {
    if (headers.authorization !== basic) return failed(401, '10401', 'ClientId is Invalid')
    if (body !== 'grant_type=client_credentials') return failed(400, '10400', 'Invalid/Missing grant_type')
    const access_token = randomBytes(24).toString('base64url')
    tokens.set(access_token, now() + lifeS * 1000)
    const common = { token_type: 'Bearer', issued_at: String(now()), client_id: clientId, status: 'approved' }
    return { status: 200, body: { ...common, access_token, expires_in: String(lifeS) } }
  }

  const ofIntercepts = ({ method, path, headers, body }: Asked): Answer => {
    const [, what = '', number = ''] =
      /^\/api\/deliveryintercept\/v2\/(eligibility\/intercept|return|cancel)\/(.*)$/.exec(path) ?? []
    if (!/^1Z[A-Z0-9]{16}$/.test(number)) return invalid('tracking_number')
    if (!lower(headers.transid, /^[a-zA-Z0-9-.]{3,14}$/)) return invalid('transId')
    if (headers.platformtype !== 'XOLT' || headers.inquirytype !== 'U') return invalid('platformType, inquiryType')
    if (what === 'eligibility/intercept') return method === 'GET' ? eligible(book.eligibility(number)) : missing
    if (method !== 'POST' || (what !== 'return' && what !== 'cancel')) return missing
    const read = bodies[what].safeParse(jsonOf(body))
    if (!read.success) return invalid(z.prettifyError(read.error))
    return intercepted(what === 'return' ? book.bringBack(number) : book.cancel(number))
  }

  const answer = (request: Asked): Answer => {
    const { method, path, query, headers } = request
    if (path === '/security/v1/oauth/token') return method === 'POST' ? give(request) : missing
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if ((tokens.get(token ?? '') ?? 0) <= now()) return badToken
    if (path.startsWith('/api/deliveryintercept/v2/')) return ofIntercepts(request)
    if (headers.transid === undefined || headers.transactionsrc === undefined) return invalid('transId, transactionSrc')
    const number = /^\/api\/track\/v1\/details\/([A-Za-z0-9]{7,34})$/.exec(path)?.[1]
    if (number !== undefined && method === 'GET') return tracked(book.parcelOf(number))
    const shipment = /^\/api\/shipments\/v2409\/void\/cancel\/(1Z[A-Z0-9]{16})$/.exec(path)?.[1]
    const one = query.get('trackingnumber') ?? ''
    if (shipment === undefined || method !== 'DELETE') return missing
    // Without a number of its own it voids all parcels of the shipment: nobody of ours may ask for that.
    return /^1Z[A-Z0-9]{16}$/.test(one) ? voided(book.void(one), one) : invalid('trackingnumber')
  }
  return { answer, forgetTokens: () => tokens.clear() }
}
