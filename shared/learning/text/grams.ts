/** Where a sign stands for a word or a part of it: Chinese, Japanese, Korean. */
const isDense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** What a note says, however it was typed: one form of each sign, small letters, no signs that cannot be seen, one space. */
export const cleaned = (note: string): string =>
  note
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()

const longest = 2000

/**
 * The parts by which notes are told apart: of dense scripts one to three signs, of others words, two words in a row, and three to five
 * letters of a word. No list of words and no guess of the language is needed, and a typing error leaves most parts as they were.
 */
export const gramsOf = (note: string): string[] => {
  const words =
    cleaned(note)
      .slice(0, longest)
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const found: string[] = []
  for (const [nth, word] of words.entries()) {
    if (isDense.test(word)) {
      const signs = [...word]
      for (let size = 1; size <= 3; size += 1)
        for (let at = 0; at + size <= signs.length; at += 1) found.push(signs.slice(at, at + size).join(''))
      continue
    }
    found.push(`w ${word}`)
    const next = words[nth + 1]
    if (next !== undefined) found.push(`w ${word} ${next}`)
    const framed = `_${word}_`
    for (let size = 3; size <= 5; size += 1)
      for (let at = 0; at + size <= framed.length; at += 1) found.push(framed.slice(at, at + size))
  }
  return found
}
