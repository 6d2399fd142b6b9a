import { describe, expect, it } from 'vitest'
import { givenUp, isForgotten } from './asked.ts'

const now = Date.parse('2026-11-20T10:00:00.000Z')
const ago = (seconds: number): string => new Date(now - seconds * 1_000).toISOString()
const kindAfter = (dryRun: boolean, seconds: number) => givenUp({ dryRun, at: ago(seconds) }, 'a.b:5432', now)?.kind

describe('what is away', () => {
  it('is waited for by a look beforehand for half a minute, of which nothing was done', () => {
    expect([kindAfter(true, 30), kindAfter(true, 31)]).toEqual([undefined, 'refused'])
    expect(givenUp({ dryRun: true, at: ago(31) }, 'a.b:5432', now)).toMatchObject({
      text: expect.stringContaining('a.b:5432'),
    })
  })

  it('is waited for by a deed while that may be begun, and then nobody says that it was not', () => {
    expect([kindAfter(false, 900), kindAfter(false, 901)]).toEqual([undefined, 'unsettled'])
  })
})

it('a look is forgotten when whoever looked has gone, and no deed ever is', () => {
  const look = { kind: 'look-system' } as const
  const deed = { kind: 'pause-intake' } as const
  const forgotten = [look, look, deed].map((wanted, nth) => isForgotten({ wanted, at: ago(30 + nth) }, now))
  expect(forgotten).toEqual([false, true, false])
})
