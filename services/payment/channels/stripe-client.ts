import type { Account } from '@countermand/providers/account.ts'
import type { Ask, ProviderAnswer } from '@countermand/providers/http.ts'
import type { z } from 'zod'
import { ChannelError } from './channel.ts'
import { readBody, refusalOf } from './stripe-answers.ts'
import { type StripeSettings, stripeSettings, stripeVersion } from './stripe-requests.ts'
import { isYes, nothingLearned } from './way.ts'

/** Stripe, as one call asks it. */
export interface Client {
  readonly settings: StripeSettings
  get(path: string, route: string): Promise<ProviderAnswer>
  post(path: string, route: string, form: URLSearchParams, key: string): Promise<ProviderAnswer>
}

export const clientOf = (ask: Ask, { settings: given, secrets }: Account): Client => {
  const settings = stripeSettings.parse(given)
  const headers = {
    authorization: `Bearer ${secrets.get('apiKey')?.[0]?.reveal() ?? ''}`,
    'stripe-version': stripeVersion,
    ...(settings.connectedAccount !== undefined && { 'stripe-account': settings.connectedAccount }),
  }
  const posting = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  return {
    settings,
    get: (path, route) => ask({ method: 'GET', path, route, headers }),
    post: (path, route, form, key) => {
      const withKey = { ...posting, 'idempotency-key': key }
      return ask({ method: 'POST', path, route, headers: withKey, body: form.toString() })
    },
  }
}

/** What was looked up; what Stripe does not show could not be learned. */
export const read = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  if (isYes(answer)) return readBody(schema, answer, what)
  throw nothingLearned(refusalOf(answer, what, Date.now()), what)
}

/** The most that Stripe gives in one answer. */
const ofPage = 100

interface Page<Row> {
  readonly data: readonly Row[]
  readonly has_more: boolean
}

/** All of a list, page by page, the newest first. */
export async function* listed<Row extends { readonly id: string }>(
  client: Client,
  route: string,
  schema: z.ZodType<Page<Row>>,
  parameters: Readonly<Record<string, string>>,
  mostPages: number,
): AsyncGenerator<Row> {
  const query = new URLSearchParams({ ...parameters, limit: String(ofPage) })
  for (let page = 0; page < mostPages; page++) {
    const { data, has_more } = read(schema, await client.get(`${route}?${query}`, route), `list of ${route}`)
    yield* data
    const last = data.at(-1)
    if (!has_more || last === undefined) return
    query.set('starting_after', last.id)
  }
  throw new ChannelError(
    `Stripe lists more than ${mostPages * ofPage} at ${route}: that is more than anybody reads`,
    'unknown',
  )
}
