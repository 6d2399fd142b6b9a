import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contrast, readableOn } from './accent.ts'

it('is as WCAG counts it', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})

it('can be read on whatever colour a shop has', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
      const accent = `#${value.toString(16).padStart(6, '0')}`
      expect(contrast(accent, readableOn(accent))).toBeGreaterThanOrEqual(4.5)
    }),
  )
})
