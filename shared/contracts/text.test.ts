import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  asId,
  asNote,
  clean,
  clip,
  grouped,
  isClean,
  mostOfMessage,
  printable,
  problemOfId,
  problemOfNote,
  said,
  saidThroughout,
  utf8Bytes,
} from './text.ts'

/** Any sequence of UTF-16 units: halves of pairs, NUL and all. */
const anything = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00, 0xfffd, 0x1b, 0x202e, 0x61)),
    { maxLength: 200 },
  )
  .map((units) => String.fromCharCode(...units))

it('counts bytes as UTF-8 is written', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))
    }),
  )
})

it('makes any text one that can be kept, and leaves alone what can', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(isClean(clean(text))).toBe(true)
      if (isClean(text)) expect(clean(text)).toBe(text)
      expect(Buffer.from(clean(text)).toString()).toBe(clean(text))
    }),
  )
})

it('clips to bytes at a character, with a mark, and only what is longer', () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 3, max: 300 }), (text, most) => {
      const clipped = clip(text, most)
      expect(Buffer.byteLength(clipped)).toBeLessThanOrEqual(most)
      expect(isClean(clipped)).toBe(true)
      if (Buffer.byteLength(clean(text)) <= most) expect(clipped).toBe(clean(text))
      else {
        expect(clipped.endsWith('…')).toBe(true)
        expect(clean(text).startsWith(clipped.slice(0, -1))).toBe(true)
        // Nothing was cut that had room: one more character and the mark would be too much.
        const next = [...clean(text).slice(clipped.length - 1)][0] ?? ''
        expect(Buffer.byteLength(clipped) + Buffer.byteLength(next)).toBeGreaterThan(most)
      }
    }),
  )
})

it.each([
  ['abcdef', 5, 'ab…'],
  ['abcde', 5, 'abcde'],
  ['ab😀', 6, 'ab😀'],
  ['ab😀d', 6, 'ab…'],
  ['\ud83d', 3, '\ufffd'],
  ['\0', 3, '\ufffd'],
])('clips %j to %i bytes: %j', (text, most, expected) => expect(clip(text, most)).toBe(expected))

it('keeps of what is said so much that JSON has room for it, whatever it is made of', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const kept = said(text.repeat(60))
      expect(isClean(kept)).toBe(true)
      expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(mostOfMessage + 2)
    }),
  )
  expect(said('\u0001'.repeat(2_000))).toBe(`${'\u0001'.repeat(332)}…`)
  expect(said('"'.repeat(1_000))).toBe('"'.repeat(1_000))
})

it('says of an id what it may not hold, as its pattern does', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const fine = text.length >= 1 && text.length <= 128 && printable.test(text)
      expect(problemOfId(text) === undefined).toBe(fine)
      if (fine) expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
  expect(problemOfId('a\u202eb')).toBe('expected an id of printable characters, which U+202E is not')
})

it('makes of any text an id and a note that the contract takes, and leaves those alone that it does', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anything,
        anything.map((text) => text.repeat(40)),
      ),
      (text) => {
        expect(problemOfId(asId(text))).toBeUndefined()
        expect(problemOfNote(asNote(text))).toBeUndefined()
        if (problemOfId(text) === undefined) expect(asId(text)).toBe(text)
        if (problemOfNote(text) === undefined) expect(asNote(text)).toBe(text)
      },
    ),
  )
})

it('cleans and clips every text inside what came from outside, and nothing else', () => {
  const at = new Date(0)
  const given = { error: 'a\0', tenders: [{ failure: '\ud83d', amount: 1, at }], none: null, long: 'x'.repeat(9_000) }
  expect(saidThroughout(given)).toEqual({
    error: 'a\ufffd',
    tenders: [{ failure: '\ufffd', amount: 1, at }],
    none: null,
    long: `${'x'.repeat(1_997)}…`,
  })
})

it('says a whole number as the language does', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (whole) => grouped(whole) === whole.toLocaleString('en')))
})
