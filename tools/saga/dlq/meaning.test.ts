import { expect, it } from 'vitest'
import { meaningOf } from '../actions/dlq-redrive.ts'

it('--reason is why letters are redriven, and names their cause only where nothing else names them', () => {
  expect(meaningOf(['a:0:1'], { reason: 'it is back' })).toEqual({ cause: undefined, why: 'it is back' })
  expect(meaningOf([], { cause: 'invalid-data', reason: 'mended' })).toEqual({ cause: 'invalid-data', why: 'mended' })
  expect(meaningOf([], { reason: 'invalid-data', why: 'mended' })).toEqual({ cause: 'invalid-data', why: 'mended' })
  expect(meaningOf(['a:0:1'], { why: 'it is back' })).toEqual({ cause: undefined, why: 'it is back' })
})
