import { type Account, paypalSettings } from '@countermand/providers/account.ts'
import type { Ask, ProviderAnswer, ProviderRequest } from '@countermand/providers/http.ts'
import type { Tokens } from '@countermand/providers/oauth.ts'
import type { z } from 'zod'
import { ChannelError } from './channel.ts'
import { readBody, refusalOf, tokenIn } from './paypal-answers.ts'
import { assertionOf } from './paypal-requests.ts'
import { isYes, nothingLearned } from './way.ts'

/** PayPal, as one call asks it. */
export interface Client {
  get(path: string, route: string): Promise<ProviderAnswer>
  post(path: string, route: string, body: string, key: string): Promise<ProviderAnswer>
}

/** Without a token nothing was asked for yet. */
const withoutToken = (error: unknown): never => {
  throw error instanceof ChannelError ? new ChannelError(error.message, 'before-anything', error.facts) : error
}

export const clientOf = (ask: Ask, { name, settings: given, secrets }: Account, tokens: Tokens): Client => {
  const { clientId, payerId } = paypalSettings.parse(given)
  const askForToken = async () => {
    const secret = secrets.get('clientSecret')?.[0]?.reveal() ?? ''
    const headers = {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const path = '/v1/oauth2/token'
    const body = 'grant_type=client_credentials'
    const answer = await ask({ method: 'POST', path, route: path, headers, body }).catch(withoutToken)
    return tokenIn(answer, Date.now())
  }
  const tokenName = `${name} ${clientId}`
  const send = async (request: ProviderRequest, isAgain = false): Promise<ProviderAnswer> => {
    const token = await tokens.find(tokenName, askForToken)
    const headers = {
      ...request.headers,
      authorization: `Bearer ${token.reveal()}`,
      ...(payerId !== undefined && { 'paypal-auth-assertion': assertionOf(clientId, payerId) }),
    }
    const answer = await ask({ ...request, headers })
    if (answer.status !== 401 || isAgain) return answer
    // It may have been taken back before its end: whoever was not let in has done nothing.
    tokens.drop(tokenName, token)
    return await send(request, true)
  }
  const posting = { 'content-type': 'application/json', prefer: 'return=representation' }
  return {
    get: (path, route) => send({ method: 'GET', path, route, headers: {} }),
    post: (path, route, body, key) =>
      send({ method: 'POST', path, route, body, headers: { ...posting, 'paypal-request-id': key } }),
  }
}

/** What was looked up; what PayPal does not show could not be learned. */
export const read = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  if (isYes(answer)) return readBody(schema, answer, what)
  throw nothingLearned(refusalOf(answer, what, Date.now()), what)
}
