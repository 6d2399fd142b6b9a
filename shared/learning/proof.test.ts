import { describe, expect, it } from 'vitest'
import { type DecidedCase, prove } from './proof.ts'

const cases = (approved: number, wrong: number, asked = 100): DecidedCase[] => [
  ...Array.from({ length: approved }, (_, nth) => ({ wouldApprove: true, refused: nth < wrong })),
  ...Array.from({ length: asked }, (_, nth) => ({ wouldApprove: false, refused: nth < asked / 2 })),
]

describe('a model may approve by itself', () => {
  it('when 299 approvals without a miss show it, and not with 298', () => {
    expect(prove(cases(299, 0))).toMatchObject({ allowed: true, approved: 299, wrong: 0 })
    expect(prove(cases(298, 0))).toMatchObject({ allowed: false })
    expect(prove(cases(473, 1)).allowed).toBe(true)
  })

  it('at the limit that the owner sets', () => {
    expect(prove(cases(149, 0), { limit: 0.02, confidence: 0.95 }).allowed).toBe(true)
    expect(prove(cases(299, 0), { limit: 0.01, confidence: 0.99 }).allowed).toBe(false)
  })
})

describe('nothing is on', () => {
  it.each([
    ['without cases of the owner’s own', [], 'expected decided cases of your own, at least 299; got none'],
    ['where no person ever said no', cases(5000, 0, 0), 'expected cases in which a person said no'],
    ['for a model that says yes to everything', cases(5000, 3, 0), 'it approves all 5000 cases'],
    [
      'where too many would have been wrong',
      cases(400, 4),
      '4 of 400 approvals would have been wrong, so up to 2.27 %',
    ],
    ['where a model approved nothing', cases(0, 0), '0 of 0 approvals would have been wrong, so up to 100.00 %'],
  ])('%s', (_, given, reason) => {
    expect(prove(given)).toMatchObject({ allowed: false, reason: expect.stringContaining(reason) })
  })
})
