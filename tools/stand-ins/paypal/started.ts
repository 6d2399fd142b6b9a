import { z } from 'zod'
import { controlAt, listening } from '../started.ts'
import type { Credentials } from './api.ts'
import { refundStatuses } from './behaviour.ts'
import { createStandIn } from './stand-in.ts'

const refund = z.object({
  ...{ id: z.string(), payment: z.string(), amount: z.int(), status: z.enum(refundStatuses) },
  invoiceId: z.string().optional(),
})

/** Says what the stand-in does, and reads its book, by its control port. */
export const controlOf = (url: string) => {
  const control = controlAt(url)
  return {
    ...control,
    /** Somebody makes a refund in the vendor's own pages, or several; the id of the last. */
    enter: async (refund: { capture: string; amount: number; invoiceId?: string; times?: number }) =>
      z.string().parse(await control.tell('POST /refunds', refund)),
    /** Takes what is held, in the vendor's own pages. */
    take: (authorization: string) => control.tell('POST /taken', { authorization }),
    rewrite: (id: string, change: 'gone' | { readonly amount?: number; readonly currency?: string }) =>
      control.tell('POST /rewritten', { id, change }),
    refunds: async () => z.array(refund).parse(await control.tell('GET /book')),
  }
}

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (credentials: Credentials) => {
  const { controlUrl, ...started } = await listening(createStandIn(credentials))
  return { ...controlOf(controlUrl), ...started }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
