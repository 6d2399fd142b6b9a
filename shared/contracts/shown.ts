/**
 * How text of strangers is shown to people: on a terminal, in a command to copy, on a page. Plain functions, for workflow code shows it too.
 */

// C0 without the line break, DEL, C1, and what breaks lines or turns directions.
const controls = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

const codeOf = (character: string): string => {
  const point = character.codePointAt(0) ?? 0
  const hex = point.toString(16)
  return point < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** Text whose control characters are seen instead of obeyed (`\x1b`), its line breaks left as they are. */
export const visible = (text: string): string => text.toWellFormed().replace(controls, codeOf)

/** The same on one line. */
export const visibleLine = (text: string): string => visible(text).replaceAll('\n', '\\n')

/** A word of a shell's command, whatever is in it. */
export const inShell = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** A command to copy: what it is about first, or, where that could be taken for an option, last. */
export const shellCommand = (command: string, about: string, ...options: readonly string[]): string =>
  about.startsWith('-')
    ? [command, ...options, '--', inShell(about)].join(' ')
    : [command, inShell(about), ...options].join(' ')

/** Text that Markdown and HTML leave as it is. */
export const inMarkdown = (text: string): string =>
  visible(text)
    .replace(/[\\`*_[\]<>&|~#!]/g, String.raw`\$&`)
    .replace(/https?:|www\./gi, (start) => start.replace(/[:.]/, String.raw`\$&`))

/** Markdown's code, which nothing in it ends. */
export const inCode = (text: string): string => {
  const line = visibleLine(text)
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${space}${line}${space}${fence}`
}
