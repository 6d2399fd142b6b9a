import { describe, expect, it } from 'vitest'
import { learnNotes } from './classify.ts'
import { cleaned, gramsOf } from './grams.ts'

const notes = [
  [
    'too-slow',
    'it takes too long',
    'still not sent after two weeks',
    'delivery is too slow',
    'where is my parcel, too late',
  ],
  ['too-slow', '太慢了，还没发货', '等太久了', '发货太慢', '一直不发货'],
  ['found-cheaper', 'found it cheaper elsewhere', 'other shop has a better price', 'too expensive', 'price dropped'],
  ['found-cheaper', '别家更便宜', '价格太贵', '降价了', '其他店便宜'],
].flatMap(([label = '', ...texts]) => texts.map((text) => ({ label, text })))

describe('notes', () => {
  const classifier = learnNotes(notes, { minNotes: 1 })

  it.each([
    ['the delivry is so slow', 'too-slow'],
    ['cheaper in another shop', 'found-cheaper'],
    ['怎么还不发货', 'too-slow'],
    ['别的地方便宜', 'found-cheaper'],
  ])('%s is about %s', (text, label) => expect(classifier.guess(text).label).toBe(label))

  it('without anything known are not sure to be about anything', () => {
    expect(classifier.guess('zzzz 12345 %%').probability).toBeLessThan(0.6)
    expect(classifier.guess('').probability).toBeLessThan(0.6)
  })

  it('learnt twice are learnt alike', () => {
    expect(learnNotes(notes, { minNotes: 1 }).guess('too slow')).toEqual(classifier.guess('too slow'))
  })

  it('need something to be told apart', () => {
    expect(() => learnNotes(notes.slice(0, 4))).toThrow('expected notes with two labels at least, got 1')
  })
})

describe('the parts of a note', () => {
  it('are the same however it was typed, and whatever hides in it', () => {
    expect(cleaned('  ＴＯＯ\u200b  Slow\u0007\n')).toBe('too slow')
    expect(gramsOf('T\u00fcr')).toEqual(gramsOf('tu\u0308r'))
  })

  it('are signs of dense scripts, and words and letters of others', () => {
    expect(gramsOf('不发货')).toEqual(['不', '发', '货', '不发', '发货', '不发货'])
    expect(gramsOf('ab cd')).toEqual(['w ab', 'w ab cd', '_ab', 'ab_', '_ab_', 'w cd', '_cd', 'cd_', '_cd_'])
  })

  it('are bounded, however long the note', () => {
    expect(gramsOf('x '.repeat(100_000)).length).toBeLessThan(5000)
  })
})
