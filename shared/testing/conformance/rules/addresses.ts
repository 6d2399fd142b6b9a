import { topics } from '@countermand/contracts'
import { expect, it } from 'vitest'
import type { Question } from '../conversation.ts'
import type { GetRig } from '../rig.ts'
import type { Role } from '../role.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
const withHeaders = (question: Question, headers: Readonly<Record<string, string>>): Question => ({
  ...question,
  message: { ...question.message, headers: { ...question.message.headers, ...headers } },
})
const withoutAddress = (question: Question): Question => {
  const { 'reply-topic': _topic, 'reply-to': _address, ...headers } = question.message.headers
  return { ...question, message: { ...question.message, headers } }
}

/** An answer goes where the newest message says. */
export const addressRules = (role: Role, rig: GetRig): void => {
  const [main] = role.steps

  it('answers at the topic, partition and opaque address of the newest message, in its trace', async () => {
    const { talk, order } = rig()
    const ids = await order()
    const first = await talk.ask(main, ids)
    for (const partition of [0, 1]) {
      const replyTo = `{"to":"${ids.requestId}/%2F ü 漢"} ${partition}${'.'.repeat(500)}`
      const plain = talk.question(main, ids, { replyTo })
      const again = withHeaders(plain, {
        'reply-topic': topics.sagaFastReplies,
        'reply-partition': String(partition),
        traceparent,
      })
      await talk.send(again)
      const { data, message } = await talk.final(again)
      expect(data).toEqual(first.data)
      // The same, or that of a span below it.
      const inTrace = expect.stringContaining(`-${traceId}-`)
      expect(message).toMatchObject({ topic: topics.sagaFastReplies, partition, headers: { traceparent: inTrace } })
    }
  })

  it('does what nobody waits for, and answers nobody', async () => {
    const { talk, order, orderAfter, expectAlike } = rig()
    const ids = await order()
    await talk.send(withoutAddress(talk.question(main, ids)))
    const asked = await talk.ask(main, ids)
    expect(asked.type).toBe(main.yes)
    const isOfOrder = (key: string | null) => key === ids.orderId
    expect(
      new Set(talk.bus.seen.filter(({ key }) => isOfOrder(key)).map(({ headers }) => headers['reply-to'])),
    ).toEqual(new Set([asked.message.headers['reply-to']]))
    await expectAlike([(await orderAfter(main)).orderId, ids.orderId])
  })
}
