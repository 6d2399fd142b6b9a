import { expect, test } from 'vitest'
import { inputIdOf } from './input-id.ts'

test('an input is the same only for the same publisher and id, however long they are', () => {
  const id = 'x'.repeat(1024)
  expect(inputIdOf({ source: 'shop', id })).toBe(inputIdOf({ source: 'shop', id }))
  expect(inputIdOf({ source: 'shop', id })).not.toBe(inputIdOf({ source: 'other', id }))
  expect(inputIdOf({ source: 'shop', id }).length).toBeLessThan(64)
})

test('its id stays what it was, by which decisions are recorded', () => {
  expect(inputIdOf({ source: 'shop', id: 'evt-1' })).toBe('event:21af5957fcbb118ad8ab4ec68f690b60')
})
