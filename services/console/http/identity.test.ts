import { expect, it } from 'vitest'
import { provedAt } from './identity.ts'

it('takes the moment of a proof in seconds, and none that is in milliseconds, of no kind or out of range', () => {
  expect(provedAt.parse(1_795_514_400)).toBe('2026-11-24T10:00:00.000Z')
  const none = [1_795_514_400_000, Number.MAX_VALUE, -1, 1.5, '1795514400', null, undefined]
  expect(none.map((each) => provedAt.parse(each))).toEqual(none.map(() => undefined))
})
