import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deadLetter, headersOfMessage } from './dead-letter.ts'
import { headersToShow, keptHeaders, listToKeep, readHeaders, wireHeaders } from './headers.ts'
import { bytesFromText, keptText, textFromBytes, textToKeep } from './wire-text.ts'

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((each) => Buffer.from(each)),
  fc.constantFrom('', '\0', 'plain', 'json:"x"', '😀', '\ufffd').map((each) => Buffer.from(each)),
)
const name = fc.oneof(
  fc.constantFrom('ce_id', 'X-Upper', 'x-upper', '', '__proto__', 'dlq-reasons', 'a\0b'),
  fc.string(),
)
const came = fc
  .array(fc.tuple(name, fc.array(bytes, { minLength: 1, maxLength: 3 })), { maxLength: 8 })
  .map((all) => Object.fromEntries(all.map(([each, values]) => [each, values.length === 1 ? values[0] : values])))

const listed = (headers: ReturnType<typeof wireHeaders>) =>
  Object.entries(headers).flatMap(([each, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => [each, Buffer.from(value ?? '').toString('hex')]),
  )

it('reads any bytes as a text that says every one of them', () => {
  fc.assert(
    fc.property(bytes, (each) => {
      expect(bytesFromText(textFromBytes(each))).toEqual(each)
      const kept = textToKeep(textFromBytes(each))
      expect(kept.isWellFormed() && !kept.includes('\0')).toBe(true)
      expect(keptText(kept)).toBe(textFromBytes(each))
    }),
  )
})

it('sends headers byte for byte as they came, also after a database has kept them', () => {
  fc.assert(
    fc.property(came, (headers) => {
      const read = readHeaders(headers)
      expect(listed(wireHeaders(read))).toEqual(listed(headers))
      const shown: Record<string, string> = JSON.parse(headersToShow(read))
      const kept = keptHeaders(shown, listToKeep(read))
      expect(listed(wireHeaders(kept))).toEqual(listed(headers))
      expect(kept.headers).toEqual(read.headers)
      for (const [each, value] of Object.entries(shown)) expect((each + value).isWellFormed()).toBe(true)
    }),
  )
})

it('keeps the headers of a message in its dead letter, and finds them there again', () => {
  const trouble = { reason: 'unreadable-json', service: 's', attempts: 1, failedAt: '2026-11-20T10:00:00Z' } as const
  fc.assert(
    fc.property(came, fc.string({ unit: 'binary' }), (headers, error) => {
      const message = { topic: 't', partition: 1, offset: '7', key: null, value: null, ...readHeaders(headers) }
      const letter = deadLetter(message, { ...trouble, error })
      expect(listed(wireHeaders(headersOfMessage(letter)))).toEqual(listed(headers))
      expect(Buffer.byteLength(letter.headers['dlq-error'] ?? '')).toBeLessThanOrEqual(2_048)
    }),
  )
})

it('counts one of several headers with one name, whatever their spelling', () => {
  const read = readHeaders({ Ce_Id: [Buffer.from('first'), Buffer.from('second')], ce_id: Buffer.from('third') })
  expect(read.headers).toEqual({ ce_id: 'first' })
  expect(read.headerList).toHaveLength(3)
})
