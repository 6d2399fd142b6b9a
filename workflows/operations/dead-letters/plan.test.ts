import { describe, expect, it } from 'vitest'
import { type LetterBox, stateOf } from './box.ts'
import { documentOf } from './document.ts'
import type { Letter } from './letter.ts'
import { createLog, type Handling } from './log.ts'
import { refusal } from './plan.ts'

const topic = 'orders.placed.v1'
const at = '2026-11-20T10:00:00Z'
const letter = (offset: number): Letter => ({
  id: `${topic}:0:${offset}`,
  topic,
  partition: 0,
  key: 'ord-1',
  headers: {},
  value: null,
  publishedAt: '2026-11-20T10:00:00.000Z',
  failures: [{ service: 'order', reason: 'invalid-data', error: '', attempts: 1, failedAt: at }],
})
const redriven = (from: number, to: number, redrives = 1): Handling => ({
  what: 'redriven',
  recordId: `${from}`,
  letterId: `${topic}:0:${from}`,
  by: 'ada',
  at,
  to: { topic, partition: 0, offset: `${to}` },
  edited: false,
  redrives,
})
const discarded = (offset: number): Handling => ({
  ...{ what: 'discarded', recordId: `${offset}`, letterId: `${topic}:0:${offset}`, by: 'bob', at },
})
const box = (offsets: readonly number[], ...handlings: readonly Handling[]): LetterBox => {
  const log = createLog()
  for (const handling of handlings) log.add(handling)
  return { letters: new Map(offsets.map((offset) => [letter(offset).id, letter(offset)])), log }
}
const redrive = { what: 'redrive', force: false } as const
const discard = { what: 'discard', force: false } as const
const forced = { what: 'redrive', force: true } as const

describe('a letter', () => {
  it('that nobody has dealt with may be redriven or discarded', () => {
    expect(stateOf(box([1]), letter(1).id)).toEqual({ state: 'open' })
    expect([redrive, discard].map((task) => refusal(box([1]), letter(1), task))).toEqual([undefined, undefined])
  })

  it('that was redriven is never sent again, whoever forces it', () => {
    const found = box([1], redriven(1, 2))
    expect(documentOf(found, letter(1))).toMatchObject({ state: 'redriven', redriven: true, failedAgainAs: null })
    for (const task of [redrive, discard, forced])
      expect(refusal(found, letter(1), task)).toMatch(/redriven at .* by ada/)
  })

  it('whose message failed again is another one, and both say so', () => {
    const found = box([1, 2], redriven(1, 2))
    expect(documentOf(found, letter(1))).toMatchObject({ state: 'failed-again', failedAgainAs: letter(2).id })
    expect(documentOf(found, letter(2))).toMatchObject({ state: 'open', redrivenFrom: letter(1).id, redrives: 1 })
    expect(refusal(found, letter(1), forced)).toContain(`its dead letter is ${letter(2).id} now`)
    expect(refusal(found, letter(2), redrive)).toBeUndefined()
  })

  it('whose message was redriven 3 times is redriven only by force, and may be discarded', () => {
    const found = box([1, 2, 3, 4], redriven(1, 2), redriven(2, 3, 2), redriven(3, 4, 3))
    expect(refusal(found, letter(4), redrive)).toMatch(/redriven 3 times and failed each time; --force/)
    expect([discard, forced].map((task) => refusal(found, letter(4), task))).toEqual([undefined, undefined])
  })

  it('that was discarded is redriven only by force', () => {
    const found = box([1], discarded(1))
    expect(documentOf(found, letter(1))).toMatchObject({ state: 'discarded', redriven: false })
    expect(refusal(found, letter(1), redrive)).toMatch(/discarded at .* by bob; --force/)
    expect(refusal(found, letter(1), discard)).toMatch(/discarded at .* by bob$/)
    expect(refusal(found, letter(1), forced)).toBeUndefined()
  })
})
