import { expect, it } from 'vitest'
import { draw } from './picture.ts'

const widths = (svg: string): number[] =>
  [...svg.matchAll(/<rect x="250" [^>]*width="([\d.]+)"/g)].map(([, each]) => Number(each))

it('draws bars as long as their values, the longest over the whole width', () => {
  const bars = [
    { label: 'a', value: 10, ours: true },
    { label: 'b', value: 40, ours: false },
  ]
  expect(widths(draw([{ title: 'sagas a second', bars }]))).toEqual([95, 380])
})

it('lets the larger of two values set the scale', () => {
  const bars = [{ label: 'a', value: 10, beyond: 20, ours: true }]
  expect(widths(draw([{ title: 'ms', bars }]))).toEqual([380, 190])
})

it('keeps what is written in it harmless', () => {
  expect(draw([{ title: 'p50 < p95 & more', bars: [{ label: '<b>', value: 1, ours: false }] }])).toContain('&lt;b>')
})
