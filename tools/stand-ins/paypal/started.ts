import { z } from 'zod'
import { controlAt, listening } from '../started.ts'
import type { Credentials } from './api.ts'
import { refundStatuses } from './behaviour.ts'
import { createStandIn } from './stand-in.ts'

const refund = z.object({
  ...{ id: z.string(), payment: z.string(), amount: z.int(), status: z.enum(refundStatuses) },
  invoiceId: z.string().optional(),
})
const request = z.object({ method: z.string(), path: z.string(), body: z.string() })
const post = z.object({ type: z.string(), status: z.int() })

/** Says what the stand-in does, and reads its book, by its control port. */
export const controlOf = (url: string) => {
  const control = controlAt(url)
  return {
    ...control,
    refunds: async () => z.array(refund).parse(await control.tell('GET /book')),
    requests: async () => z.array(request).parse(await control.tell('GET /requests')),
    posts: async () => z.array(post).parse(await control.tell('GET /posts')),
  }
}

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (credentials: Credentials) => {
  const { controlUrl, ...started } = await listening(createStandIn(credentials))
  return { ...controlOf(controlUrl), ...started }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
