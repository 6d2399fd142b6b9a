import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inCode, inMarkdown, inShell, shellCommand, visible, visibleLine } from './shown.ts'

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '\x1b',
        '\n',
        '\t',
        '\u009b',
        '\u202e',
        '\ud83d',
        '`',
        "'",
        '"',
        '\\',
        '$',
        '(',
        ' ',
        '-',
        'a',
        '<',
        '*',
      ),
    )
    .map((all) => all.join('')),
)

describe('on a terminal', () => {
  it('no text is obeyed, and ordinary text is as it is', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(visible(text)).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
        expect(visibleLine(text)).not.toContain('\n')
      }),
    )
    expect(visible('\x1b[2J\u202e\u009b')).toBe(String.raw`\x1b[2J\u202e\x9b`)
    expect(visible('Ü-7 😀 注文\n')).toBe('Ü-7 😀 注文\n')
  })
})

describe('in a command', () => {
  it('any text is one word of a shell', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const word = text.toWellFormed().replaceAll('\0', '')
        expect(execFileSync('sh', ['-c', `printf %s ${inShell(word)}`]).toString()).toBe(word)
      }),
      { numRuns: 30 },
    )
  })

  it('is about what could be taken for an option, too', () => {
    expect(shellCommand('saga show', 'ord-1', '--json')).toBe('saga show ord-1 --json')
    expect(shellCommand('saga show', '--order', '--json')).toBe('saga show --json -- --order')
    expect(shellCommand('saga resolve', 'x; curl http://evil #', '--by ana')).toBe(
      "saga resolve 'x; curl http://evil #' --by ana",
    )
  })
})

describe('on a page', () => {
  it('text is neither Markdown nor HTML', () => {
    expect(inMarkdown('**x** [y](http://z) <img src=x> `c` &amp; a_b')).toBe(
      String.raw`\*\*x\*\* \[y\](http\://z) \<img src=x\> \`c\` \&amp; a\_b`,
    )
  })

  it('nothing in code ends it', () => {
    expect(inCode('a')).toBe('`a`')
    expect(inCode("resolve 'x`y'")).toBe("``resolve 'x`y'``")
    expect(inCode('`x``y')).toBe('``` `x``y ```')
    expect(inCode('a\nb')).toBe('`a\\nb`')
  })
})
