/**
 * The services called in sequence, and nothing else: requests are read from Kafka like everybody's, what is under way is in memory, and a
 * crash loses it. What is left of a saga's latency is its round trips through Kafka and the services.
 */
import { type Answer, topics } from '@countermand/contracts'
import { messageOf, readReply, readRequest } from '../contract.ts'
import { engineMain } from '../engine.ts'
import { type Ask, cancelOrder } from '../saga.ts'

await engineMain('script', async ({ publish, read, log }) => {
  const waiting = new Map<string, (answer: Answer) => void>()

  const ask: Ask = async (...calls) => {
    const messages = calls.map((each) => messageOf('script', each, ''))
    const asked = messages.map((message) => {
      const id = message.headers.ce_id ?? ''
      const { promise, resolve } = Promise.withResolvers<Answer>()
      waiting.set(id, resolve)
      return { promise, message: { ...message, headers: { ...message.headers, 'reply-to': id } } }
    })
    await publish(asked.map(({ message }) => message))
    return Promise.all(asked.map(({ promise }) => promise))
  }

  await read(topics.sagaReplies, async (messages) => {
    for (const { replyTo, answer } of messages.map(readReply)) {
      if (answer === undefined) continue
      waiting.get(replyTo)?.(answer)
      waiting.delete(replyTo)
    }
  })
  await read(topics.cancelRequests, async (messages) => {
    for (const request of messages.map(readRequest))
      cancelOrder(request, ask).catch((error: unknown) => log.error({ err: error }, 'a saga failed'))
  })
  return async () => undefined
})
