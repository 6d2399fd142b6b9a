import type { Server } from 'node:http'
import { z } from 'zod'
import { listen } from './control.ts'
import type { PlannedFault } from './faults.ts'

const request = z.object({ method: z.string(), path: z.string(), query: z.string().default(''), body: z.string() })
const post = z.object({ type: z.string(), status: z.int() })

/** Says what a stand-in does, and reads its book, by its control port. */
export const controlAt = (url: string) => {
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
    /** The calls that it has had. */
    requests: async () => z.array(request).parse(await tell('GET /requests')),
    /** Its notifications, with what they were answered. */
    posts: async () => z.array(post).parse(await tell('GET /posts')),
  }
}

/** A stand-in in this process, for tests of what calls it: where it listens, and how it ends. */
export const listening = async ({ api, control }: { readonly api: Server; readonly control: Server }) => {
  const port = await listen(api)
  return {
    ...{ port, url: `http://127.0.0.1:${port}`, controlUrl: `http://127.0.0.1:${await listen(control)}` },
    close: () => {
      for (const server of [api, control]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}
