import { z } from 'zod'
import { listen } from '../control.ts'
import type { PlannedFault } from '../faults.ts'
import type { Credentials } from './api.ts'
import { createStandIn } from './stand-in.ts'

const refund = z.object({
  id: z.string(),
  payment: z.string(),
  amount: z.int(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()),
})
const request = z.object({ method: z.string(), path: z.string(), body: z.string() })
const post = z.object({ type: z.string(), status: z.int() })

/** Says what the stand-in does, and reads its book, by its control port. */
export const controlOf = (url: string) => {
  const tell = async (what: string, body?: object): Promise<unknown> => {
    const [method = '', path = ''] = what.split(' ')
    const response = await fetch(`${url}${path}`, { method, body: body === undefined ? null : JSON.stringify(body) })
    if (!response.ok) throw new Error(`expected ${what} to be done, got ${await response.text()}`)
    return await response.json()
  }
  return {
    tell,
    plan: (fault: PlannedFault['fault'], more: { readonly match?: string; readonly times?: number } = {}) =>
      tell('POST /faults', { fault, ...more }),
    /** Somebody makes a refund in the vendor's own pages; its id. */
    enter: async (refund: { payment: string; amount: number; metadata?: Record<string, string> }) =>
      z.string().parse(await tell('POST /refunds', refund)),
    rewrite: (id: string, change: 'gone' | { readonly amount?: number; readonly currency?: string }) =>
      tell('POST /rewritten', { id, change }),
    refunds: async () => z.array(refund).parse(await tell('GET /book')),
    requests: async () => z.array(request).parse(await tell('GET /requests')),
    posts: async () => z.array(post).parse(await tell('GET /posts')),
  }
}

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (credentials: Credentials) => {
  const { api, control } = createStandIn(credentials)
  const port = await listen(api)
  return {
    ...controlOf(`http://127.0.0.1:${await listen(control)}`),
    ...{ port, url: `http://127.0.0.1:${port}` },
    close: () => {
      for (const server of [api, control]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
