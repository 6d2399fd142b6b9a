import { isClean } from '@countermand/contracts/text.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keepableId } from './input-ids.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 400 })

it('is the id itself, when it can be kept', () => {
  for (const id of ['event:1', 'update:3f2b', 'x'.repeat(197)]) expect(keepableId(id)).toBe(id)
})

it('is short and text, whatever came, and the same for the same', () => {
  fc.assert(
    fc.property(anyText, (id) => {
      const found = keepableId(id)
      expect(found.length).toBeLessThanOrEqual(197)
      expect(isClean(found)).toBe(true)
      expect(keepableId(id)).toBe(found)
    }),
  )
})

it('tells apart ids that begin alike, and ids that are no text', () => {
  const beginning = 'x'.repeat(300)
  const ids = Array.from({ length: 2_000 }, (_, place) => `${beginning}${place}`)
  expect(new Set(ids.map(keepableId)).size).toBe(ids.length)
  expect(new Set(['a\0', 'a\ud83d', 'a\ufffd'].map(keepableId)).size).toBe(3)
})
