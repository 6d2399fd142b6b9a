import { amount, currency, reasonCode, refundDestination } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import { routes } from '../channels/index.ts'
import type { ChannelTask } from '../decide/asking.ts'

/** A task that asks a channel, as it is read back. One of an earlier release knows less: it is asked as it would have been then. */
export const channelTask = exactly<ChannelTask>()(
  z
    .object({
      refundId: z.string(),
      route: z.enum(routes),
      lookFirst: z.literal(true).exactOptional(),
      lookOnly: z.string().exactOptional(),
      pastFailure: z.object({ absentAt: z.string().exactOptional() }).exactOptional(),
      call: z.object({
        orderId: z.string(),
        tenderId: z.string(),
        merchantId: z.string().exactOptional(),
        customerId: z.string().exactOptional(),
        account: z.string().optional(),
        paymentRef: z.string(),
        paidTotal: amount.optional(),
        paidAt: z.string().exactOptional(),
        operation: z.enum(['refund', 'void']).optional(),
        amount,
        currency,
        destination: refundDestination,
        round: z.int(),
        reason: reasonCode.exactOptional(),
        idempotencyKey: z.string(),
        firstAskedAt: z.string().exactOptional(),
        providerRef: z.string().exactOptional(),
      }),
    })
    .transform(({ refundId, route, call, ...way }) => {
      const { account = route, paidTotal = call.amount, operation = 'refund' } = call
      return { refundId, route, ...way, call: { ...call, refundId, account, paidTotal, operation } }
    }),
)
