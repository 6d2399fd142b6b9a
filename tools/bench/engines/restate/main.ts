/**
 * Restate drives the saga: its server reads the requests from Kafka itself, calls this handler and keeps its journal. A command is
 * published in a durable step with the id of an awakeable as its reply address. Its server does not pass on the headers of a Kafka
 * record, which is where an answer says whom it is for, so answers are read here, and resolve their awakeable over HTTP.
 */
import { type Answer, cancelRequested, readData, topics } from '@countermand/contracts'
import { type Context, RestatePromise, serve, service } from '@restatedev/restate-sdk'
import { z } from 'zod'
import { messageOf, readReply } from '../contract.ts'
import { engineMain } from '../engine.ts'
import { cancelOrder } from '../saga.ts'

await engineMain('restate', async ({ publish, read, env }) => {
  const ingress = z.string().parse(env.RESTATE_INGRESS)
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
  await serve({ services: [orders], port: z.coerce.number().parse(env.ENGINE_PORT) })

  const resolve = async (awakeable: string, answer: Answer): Promise<void> => {
    const url = `${ingress}/restate/awakeables/${awakeable}/resolve`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(answer) })
    if (!response.ok) throw new Error(`POST ${url}: expected success, got ${response.status}`)
    await response.body?.cancel()
  }
  await read(topics.sagaReplies, async (messages) => {
    await Promise.all(
      messages.map(readReply).map(async ({ replyTo, answer }) => {
        if (answer !== undefined) await resolve(replyTo, answer)
      }),
    )
  })
  return async () => undefined
})
