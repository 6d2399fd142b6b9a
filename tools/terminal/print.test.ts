import { hostileTexts } from '@countermand/testing/hostile-text.ts'
import { describe, expect, it, vi } from 'vitest'
import { columns, print, printJson, say, shown, table } from './print.ts'

/** What is written while `work` runs. */
const written = (work: () => void): string => {
  const parts: string[] = []
  const keep = (text: string | Uint8Array) => parts.push(String(text)) > 0
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep))
  work()
  for (const spy of spies) spy.mockRestore()
  return parts.join('')
}

const obeyed = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

describe('whatever strangers wrote', () => {
  it.each(Object.entries(hostileTexts))('%s is seen, and not obeyed', (_, text) => {
    for (const work of [
      () => print(text),
      () => say(text),
      () => printJson({ [text]: text }),
      () => print(table(['id'], [[text]])),
      () => print(columns([[text, text]])),
    ])
      expect(written(work)).not.toMatch(obeyed)
  })

  it.each(Object.values(hostileTexts))('is the same in a JSON document: %j', (text) => {
    expect(JSON.parse(written(() => printJson({ text })))).toEqual({ text })
  })

  it('shows an escape sequence by its characters', () => {
    expect(shown('\x1b]0;owned\x07')).toBe(String.raw`\x1b]0;owned\x07`)
  })
})
