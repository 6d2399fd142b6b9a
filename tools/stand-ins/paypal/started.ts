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
    refunds: async () => z.array(refund).parse(await control.tell('GET /book')),
  }
}

/** The stand-in in this process, for tests of what calls it. */
export const startStandIn = async (credentials: Credentials) => {
  const { controlUrl, ...started } = await listening(createStandIn(credentials))
  return { ...controlOf(controlUrl), ...started }
}

export type StartedStandIn = Awaited<ReturnType<typeof startStandIn>>
