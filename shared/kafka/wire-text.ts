import { isUtf8 } from 'node:buffer'
import { isClean } from '@countermand/contracts/text.ts'

/**
 * Kafka's keys and header values are bytes; ours are texts that say every byte. A byte that is no UTF-8 is read as half of a surrogate
 * pair (0xff as U+DCFF, as Python does it): no contract takes such a text, and it becomes the same byte again when it is written.
 */

const escapeBase = 0xdc00

/** How many bytes a character has that begins with this one. */
const lengthFrom = (byte: number): number => {
  if (byte < 0xc0) return 1
  if (byte < 0xe0) return 2
  return byte < 0xf0 ? 3 : 4
}

const escaped = (bytes: Buffer): string => {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0
    const character = bytes.subarray(at, at + lengthFrom(byte))
    const isCharacter = character.length > 0 && isUtf8(character)
    text += isCharacter ? character.toString() : String.fromCharCode(escapeBase + byte)
    at += isCharacter ? character.length : 1
  }
  return text
}

/** Bytes as text. */
export const textFromBytes = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString() : escaped(bytes))

const half = /[\udc80-\udcff]/

/** The bytes of a text. Halves of pairs that are no byte (a bug's) become U+FFFD. */
export const bytesFromText = (text: string): Buffer => {
  if (text.isWellFormed() || !half.test(text)) return Buffer.from(text)
  const parts: Buffer[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    parts.push(point >= 0xdc80 && point <= 0xdcff ? Buffer.from([point - escapeBase]) : Buffer.from(character))
  }
  return Buffer.concat(parts)
}

export const bytesOf = (value: Buffer | string | null): Buffer | null =>
  typeof value === 'string' ? bytesFromText(value) : value

const marker = 'json:'

/** A text as a column of PostgreSQL can keep it, and no other text is kept. */
export const textToKeep = (text: string): string =>
  isClean(text) && !text.startsWith(marker) ? text : `${marker}${JSON.stringify(text)}`

export const keptText = (kept: string): string =>
  kept.startsWith(marker) ? String(JSON.parse(kept.slice(marker.length))) : kept
