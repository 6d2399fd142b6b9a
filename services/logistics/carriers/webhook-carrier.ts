import { createHash, createHmac, randomUUID } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { type Account, type AccountKind, webhookCarrierSettings } from '@countermand/providers/account.ts'
import { noAccounts } from '@countermand/providers/accounts.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import { type ProviderAnswer, type ProviderRequest, retryAfterMs } from '@countermand/providers/http.ts'
import type { z } from 'zod'
import { accountFor, type Choice, type Outside, setUp, wayOf } from './account-of.ts'
import type { CarrierCall, CarrierKind } from './carrier.ts'
import { relabelSaid, resumeSaid, statusSaid, stopSaid } from './webhook-answers.ts'

/**
 * Any carrier whose merchant answers signed requests in our own words: each operation is a `POST` to its path under the account's
 * `baseUrl`, signed by Standard Webhooks 1.0, and its answer is one of our results as JSON. It knows our keys, so it may be asked again.
 */

export type Operation = 'void-label' | 'intercept' | 'resume' | 'relabel' | 'status'

export const webhookCarrierKind: AccountKind = {
  secrets: [],
  optional: ['signing'],
  settings: webhookCarrierSettings,
}

const provider = 'webhook-carrier'

/** Of several secrets each signs: while one takes the place of another, whoever checks may have either. */
export const signatureOf = (secrets: readonly string[], id: string, at: number, body: string): string =>
  secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`
    })
    .join(' ')

/** The same call has the same id, whenever it is made; a question is new each time, for its answer may be another. */
const idOf = (operation: Operation, key: string): string =>
  operation === 'status'
    ? `ask_${randomUUID()}`
    : `call_${createHash('sha256').update(`${operation}/${key}`).digest('hex').slice(0, 48)}`

const bodyOf = (operation: Operation, call: CarrierCall): string => {
  const { idempotencyKey: key, round, carrierRef, ...shipment } = call
  return JSON.stringify({ operation, key, round, ...(carrierRef !== undefined && { carrierRef }), shipment })
}

/** `now`: ms since the epoch. */
export const toRequest = (operation: Operation, call: CarrierCall, account: Account, now: number): ProviderRequest => {
  const secrets = (account.secrets.get('signing') ?? []).map((each) => each.reveal())
  if (secrets.length === 0) throw setUp(`account ${account.name} has no secret to sign with: expected signing`)
  const id = idOf(operation, call.idempotencyKey)
  const at = Math.floor(now / 1000)
  const body = bodyOf(operation, call)
  return {
    ...{ method: 'POST', path: `/${operation}`, route: `/${operation}`, body },
    headers: {
      ...{ 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': `${at}` },
      'webhook-signature': signatureOf(secrets, id, at, body),
    },
  }
}

/** Whoever answers with these has done nothing, and does nothing as long as it is configured as it is. */
const isSetup: ReadonlySet<number> = new Set([401, 403, 404, 405])

/** Reads what the carrier says; throws what may be tried again, and what a person has to put right. */
export const fromAnswer = <Value>(
  operation: Operation,
  said: z.ZodType<Value>,
  answer: ProviderAnswer,
  now: number,
): Value => {
  const { status, body, outage } = answer
  const words = `the carrier answered ${operation} with ${status}`
  if (isSetup.has(status)) throw setUp(words)
  if (status === 429) {
    const wait = retryAfterMs(answer, now)
    throw new CallFailed(words, 'before-anything', wait === undefined ? {} : { retryAfterMs: wait })
  }
  const read = status === 200 ? said.safeParse(jsonIn(body)) : undefined
  if (read === undefined || !read.success)
    throw new CallFailed(status === 200 ? `${words}, and nothing that can be read` : words, 'unknown', outage)
  return read.data
}

/** The account that asks for a carrier of this name. */
const namedFor = (
  accounts: Choice,
  { carrier, merchantId }: Pick<CarrierCall, 'carrier' | 'merchantId'>,
): Account | undefined => {
  const account = accountFor(accounts, provider, merchantId)
  if (account === undefined || carrier === provider) return account
  return webhookCarrierSettings.parse(account.settings).carriers.includes(carrier) ? account : undefined
}

export const webhookCarrier = {
  open: (outside) => {
    const { accounts = noAccounts } = outside
    const asking =
      <Value>(operation: Operation, said: z.ZodType<Value>) =>
      async (call: CarrierCall): Promise<Value> => {
        const { http, account } = wayOf(outside, namedFor, call)
        if (account.baseUrl === undefined)
          throw setUp(`account ${account.name} has no baseUrl: nobody knows where to ask`)
        const ask = http.call(account, { baseUrl: account.baseUrl })
        return fromAnswer(operation, said, await ask(toRequest(operation, call, account, Date.now())), Date.now())
      }
    return {
      serves: (carrier, merchantId) =>
        carrier !== provider &&
        namedFor(accounts, { carrier, ...(merchantId !== undefined && { merchantId }) }) !== undefined,
      voidLabel: asking('void-label', stopSaid),
      requestIntercept: asking('intercept', stopSaid),
      stopStatus: asking('status', statusSaid),
      resume: asking('resume', resumeSaid),
      relabel: asking('relabel', relabelSaid),
    }
  },
} satisfies CarrierKind<Outside>
