import { expect, it } from 'vitest'
import { periodOf } from './period.ts'

it('is of thirty days, where nobody says otherwise', () => {
  const now = new Date('2026-11-30T23:00:00Z')
  expect(periodOf(undefined, undefined, now)).toEqual({ from: '2026-11-01', to: '2026-11-30' })
  expect(periodOf('2026-12-01', '2026-11-01', now)).toEqual({ from: '2026-11-01', to: '2026-12-01' })
  expect(periodOf('x', '2026-02-30', now)).toEqual({ from: '2026-11-01', to: '2026-11-30' })
})
