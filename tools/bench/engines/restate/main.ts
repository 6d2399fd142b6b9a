/**
 * Restate drives the saga: its server reads Kafka itself and calls these two handlers, and keeps their journals. A command is published
 * in a durable step with the id of an awakeable as its reply address; the answer's handler resolves that awakeable.
 */
import type { Answer } from '@countermand/contracts'
import { cancelRequested, readData } from '@countermand/contracts'
import { type Context, RestatePromise, serve, service } from '@restatedev/restate-sdk'
import { z } from 'zod'
import { answerFrom, messageOf } from '../contract.ts'
import { engineMain } from '../engine.ts'
import { cancelOrder } from '../saga.ts'

await engineMain('restate', async ({ publish, env }) => {
  const orders = service({
    name: 'orders',
    handlers: {
      cancel: (ctx: Context, event: unknown) =>
        cancelOrder(readData(cancelRequested, event), async (...calls) => {
          const waits = calls.map((call) => ({ call, ...ctx.awakeable<Answer>() }))
          await ctx.run(calls.map(({ command }) => command).join('+'), () =>
            publish(waits.map(({ call, id }) => messageOf('restate', call, id))),
          )
          return RestatePromise.all(waits.map(({ promise }) => promise))
        }),
    },
  })
  const answers = service({
    name: 'answers',
    handlers: {
      take: async (ctx: Context, data: unknown) => {
        const { headers } = ctx.request()
        const answer = answerFrom(headers.get('ce_type') ?? '', data)
        if (answer !== undefined) ctx.resolveAwakeable(headers.get('reply-to') ?? '', answer)
      },
    },
  })
  await serve({ services: [orders, answers], port: z.coerce.number().parse(env.ENGINE_PORT) })
  return async () => undefined
})
