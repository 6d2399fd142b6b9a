import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { type Allowed, wrongWith } from './public-address.ts'
import type { Signed } from './sign.ts'
import type { Try } from './tries.ts'

/** The one way to shops' webhooks: nothing else of the console opens a connection. It follows no redirect, and connects to no address that is not public. */
export interface Calls {
  post(url: string, body: string, headers: Signed): Promise<Try>
  close(): Promise<void>
}

/** All of one try. */
const withinMs = 15_000
const connectMs = 5_000
const mostAnswered = 65_536

class NotAllowed extends Error {
  override readonly name = 'NotAllowed'
}

/** What a name leads to is looked up once and checked, and the connection goes there: what it leads to a moment later is nobody's business. */
const checkedLookup =
  ({ connects }: Allowed, look: typeof lookup): LookupFunction =>
  (hostname, options, callback) => {
    look(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0)
      const [first] = found
      const wrong = found.find(({ address }) => !connects(address))
      if (first === undefined || wrong !== undefined) {
        const where = wrong?.address ?? 'nowhere'
        return callback(new NotAllowed(`${hostname} leads to ${where}, which is no public address`), '', 0)
      }
      if (options.all) callback(null, [...found])
      else callback(null, first.address, first.family)
    })
  }

const wordsOf = (error: unknown): string => {
  if (error instanceof NotAllowed) return error.message
  if (!(error instanceof Error)) return 'the call failed'
  if (error.name === 'TimeoutError') return `expected an answer within ${withinMs} ms`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return `the call failed: ${code}`
}

/** `look`: how names are looked up. */
export const openCalls = (allowed: Allowed, look: typeof lookup = lookup): Calls => {
  const agent = new Agent({
    ...{ connections: 8, keepAliveTimeout: 10_000, headersTimeout: withinMs, bodyTimeout: withinMs },
    connect: { timeout: connectMs, lookup: checkedLookup(allowed, look) },
  })
  return {
    post: async (url, body, headers) => {
      // An address that is no name is looked up by nobody; and what was allowed when the endpoint was made may not be now.
      const wrong = wrongWith(url, allowed)
      if (wrong !== undefined) return { error: wrong }
      try {
        const { statusCode: status, body: answer } = await request(url, {
          ...{ method: 'POST', body, dispatcher: agent },
          headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Countermand' },
          signal: AbortSignal.timeout(withinMs),
        })
        await answer.dump({ limit: mostAnswered }).catch(() => {})
        return { status }
      } catch (error) {
        return { error: wordsOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}
