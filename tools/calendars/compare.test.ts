import { expect, it } from 'vitest'
import { compareDays, unsettled } from './compare.ts'

const where = { calendar: 'de', place: 'DE-BE' }
const found = compareDays(where, ['2026-01-01', '2026-03-08'], { library: 'l', days: ['2026-01-01', '2026-05-01'] })

it('says which days one has and the other has not', () => {
  expect(found).toEqual([
    { ...where, on: '2026-03-08', by: 'ours, not l' },
    { ...where, on: '2026-05-01', by: 'l, not ours' },
  ])
})

it('leaves out what people have settled, and says what of it is none any more', () => {
  const settled = new Map([
    ['de DE-BE 2026-03-08 ours, not l', 'a holiday since 2019'],
    ['de DE-BE 2020-05-08 ours, not l', 'once'],
  ])
  expect(unsettled(found, settled)).toEqual({
    open: ['de DE-BE 2026-05-01 l, not ours'],
    gone: ['de DE-BE 2020-05-08 ours, not l'],
  })
})
