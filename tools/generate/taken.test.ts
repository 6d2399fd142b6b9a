import { check, commands, isInput } from '@countermand/contracts'
import { fillings, largest } from '@countermand/testing'
import { describe, expect, it } from 'vitest'
import { messages } from './messages.ts'

/**
 * Only intake holds ids to today's rule. What carries on what was taken (commands, answers, our own events) takes any text that was taken
 * before the rule: here one of control characters, as tabs in an id are.
 */

const names =
  /^(orderId|requestId|retryOf|lineId|sku|tenderId|shipmentId|merchantId|customerId|market|by|carrier|trackingNumber|paymentRef)$/

/** Every id in a value, by its name. */
const idsOf = (value: unknown): [string, string][] => {
  if (Array.isArray(value)) return value.flatMap(idsOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'string' && names.test(name) ? [[name, each] as [string, string]] : idsOf(each),
  )
}

const each = messages
  .filter(({ topics, name }) => !topics.some(isInput) && !name.startsWith('dead-letter.'))
  .map((message) => [`${message.kind} ${message.name}`, message] as const)

describe('an id that was taken once', () => {
  it.each(each)('is carried on, whatever it holds, by %s', (_, { schema }) => {
    const { value } = largest(schema, 'escaped', 2)
    const strict = idsOf(value).filter(([, text]) => !text.includes(fillings.escaped))
    expect(strict.map(([name]) => name)).toEqual([])
  })

  it('is carried by as many lines as were taken', () => {
    const lines = Array.from({ length: 5_000 }, (_, place) => ({ lineId: `${place}`, sku: 'a\tb', quantity: 1 }))
    const data = { orderId: 'o\t1', requestId: 'r\n1', round: 1, lines }
    expect(check(commands.SetStockAside.data, data)).toMatchObject({ ok: true })
  })
})
