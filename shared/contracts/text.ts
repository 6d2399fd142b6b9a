/**
 * The rule for text from outside, at one door: it is well-formed Unicode without NUL, so that PostgreSQL, Kafka and Temporal can keep it, and no
 * longer than its place. Text that people and machines say (errors, messages, notes) is made so; ids are taken as they are or refused.
 * No schemas here: workflow code lives by the same rule.
 *
 * Lengths of ids and notes are counted in UTF-16 units, as Java, C# and JavaScript count them: 128 of them are at most 384 bytes, which
 * is what the indexes of the databases and Temporal's ids have room for. Text that we clip is counted in bytes of UTF-8.
 */

const replacement = '\ufffd'
const mark = '…'
const markBytes = 3

/** A whole number for people, its digits by threes: the language's own way loads all of its tables, 20 ms in each process, to say the same. */
export const grouped = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, ',')

/** Whether a text can be kept as it is. */
export const isClean = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** Text that can be kept: NUL and halves of surrogate pairs become U+FFFD. */
export const clean = (text: string): string => text.toWellFormed().replaceAll('\0', replacement)

const bytesOf = (character: string): number => {
  const point = character.codePointAt(0) ?? 0
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x1_0000 ? 3 : 4
}

/** As JSON writes a character that can be kept: it escapes quotation marks with two bytes, and most controls with six. */
const jsonBytesOf = (character: string): number => {
  if (character === '"' || character === '\\') return 2
  if (character >= ' ') return bytesOf(character)
  return '\b\t\n\f\r'.includes(character) ? 2 : 6
}

/** How many bytes of UTF-8 a text has. The sandbox of workflows has no Buffer. */
export const utf8Bytes = (text: string): number => {
  let bytes = 0
  for (const character of text) bytes += bytesOf(character)
  return bytes
}

const cut = (text: string, mostBytes: number, sizeOf: (character: string) => number): string => {
  let bytes = 0
  let fits = 0
  let units = 0
  for (const character of text) {
    bytes += character === '\0' ? 3 : sizeOf(character)
    units += character.length
    if (bytes <= mostBytes - markBytes) fits = units
    if (bytes > mostBytes) return `${clean(text.slice(0, fits))}${mark}`
  }
  return clean(text)
}

/** Cleaned, and cut at a character when it has more bytes of UTF-8 than this, with `…` at its end. */
export const clip = (text: string, mostBytes: number): string =>
  text.length * 3 <= mostBytes ? clean(text) : cut(text, mostBytes, bytesOf)

/** What the contract has room for in a message, an error or a reason, in bytes of JSON: what is made of many of them must fit too. */
export const mostOfMessage = 2_000

/** What somebody says about what happened (an error, a reason, a message): as it is kept and passed on. */
export const said = (text: string, most = mostOfMessage): string =>
  text.length * 6 <= most ? clean(text) : cut(text, most, jsonBytesOf)

/** The same with every text inside a value that came from outside: of a channel, a carrier, an answer. */
export const saidThroughout = <Value>(value: Value): Value => throughout(value) as Value

// What comes out has the shape of what goes in, which the compiler cannot follow.
const throughout = (value: unknown): unknown => {
  if (typeof value === 'string') return said(value)
  if (Array.isArray(value)) return value.map(throughout)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, throughout(each)]))
}

// C0 and C1 controls with DEL, line and paragraph separators with the characters that embed, override and isolate directions, halves of pairs.
const forbidden = String.raw`\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff`

/** Any printable text. As a pattern, so that JSON Schemas say it too. */
export const printable = new RegExp(`^[^${forbidden}]*$`, 'u')

const unprintable = new RegExp(`[${forbidden}]`, 'u')

/** What an id may not hold, named by its code point: `U+202E`; `undefined`: nothing of the kind. */
export const unprintableIn = (text: string): string | undefined => {
  const point = unprintable.exec(text)?.[0].codePointAt(0)
  return point === undefined ? undefined : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

/** A note, message or reason of a person: as it is when the contract takes it, else cleaned and clipped. */
export const asNote = (text: string): string => (text.length <= 2_000 && isClean(text) ? text : said(text))

/** Who did something, as it is when it is an id, else what of it can be one. */
export const asId = (text: string): string => {
  if (problemOfId(text) === undefined) return text
  const printed = [...text.slice(0, 120)].map((each) => (unprintable.test(each) ? replacement : each)).join('')
  return printed === '' ? 'unknown' : printed
}

/** What is wrong with a text as a note, in words; `undefined`: nothing. */
export const problemOfNote = (text: string): string | undefined => {
  if (text.length > 2_000) return 'expected a text of at most 2,000 characters'
  return isClean(text) ? undefined : 'expected text without NUL or lone surrogates'
}

/** What is wrong with a text as an id, in words; `undefined`: nothing. */
export const problemOfId = (text: string): string | undefined => {
  if (text === '') return 'expected an id'
  if (text.length > 128) return 'expected an id of at most 128 characters'
  const found = unprintableIn(text)
  return found && `expected an id of printable characters, which ${found} is not`
}
