import { type EventType, events } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { type Given, triggerNamed, triggers } from './triggers.ts'

const given: Given = {
  ...{ orderId: 'ord-1', requestId: 'req-1', ref: 'pay_ok', tracking: 'OK-1', status: 'in-transit' },
  ...{ lines: undefined, decision: 'reject', by: undefined },
}
const isType = (type: string | undefined): type is EventType => type !== undefined && type in events

describe('what a shop would publish', () => {
  it.each(triggers.map(({ name }) => name))('%s is what the contract asks for, on its topic', (name) => {
    const { orderId, messages, next } = triggerNamed(name).make(given)
    const readable = name === 'behind-malformed' ? messages.slice(1) : messages
    for (const { topic, key, headers, value } of readable) {
      const type = headers?.ce_type?.toString()
      if (!isType(type)) throw new Error(`expected a type of ours, got ${type}`)
      expect(topic).toBe(events[type].topic)
      expect(key).toBe(orderId)
      expect(events[type].data.safeParse(JSON.parse(String(value))).error).toBeUndefined()
    }
    expect(next.every((command) => command.startsWith('saga '))).toBe(true)
  })

  it('is about the order and request that are named, and places one for a request without', () => {
    const of = (name: string, changes: Partial<Given> = {}) => triggerNamed(name).make({ ...given, ...changes })
    expect(of('cancel')).toMatchObject({ orderId: 'ord-1', requestId: 'req-1', messages: { length: 1 } })
    expect(of('cancel', { orderId: undefined }).messages.map(({ topic }) => topic)).toEqual([
      'orders.placed.v1',
      'orders.cancel-requests.v1',
    ])
    expect(JSON.parse(String(of('decide').messages[0]?.value))).toMatchObject({
      requestId: 'req-1',
      decision: 'reject',
    })
    expect(of('five-times').messages).toHaveLength(6)
  })

  it('is refused, with what is missing, when it says of nothing what it is about', () => {
    for (const [name, words] of [
      ['decide', 'expected --request <id>'],
      ['withdraw', 'expected --request <id>'],
      ['shipped', 'expected --order <id>'],
      ['changed', 'expected --order <id>'],
    ] as const)
      expect(() => triggerNamed(name).make({ ...given, orderId: undefined, requestId: undefined })).toThrow(words)
    expect(() => triggerNamed('dance')).toThrow('expected one of placed, changed, cancel')
  })
})
