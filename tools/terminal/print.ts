import { visible } from '@countermand/contracts/shown.ts'
import Table from 'cli-table3'
import { colours } from './colours.ts'

// JSON escapes C0; the rest that a terminal or an editor would obey is escaped in the same way, so the document stays what it is.
const obeyed = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A document for programs: nothing else may be on stdout. */
export const printJson = (document: unknown): void => {
  process.stdout.write(`${JSON.stringify(document, null, 2).replace(obeyed, escaped)}\n`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that picocolors gives
const ours = /(\x1b\[(?:[0-2]|2[2-9]|3\d|4[0-79]|9\d)m)/

/** One of many documents, each on a line of its own. */
export const printJsonLine = (document: unknown): void => {
  process.stdout.write(`${JSON.stringify(document).replace(obeyed, escaped)}\n`)
}

/** Text for a terminal: what strangers wrote into it is seen, not obeyed; only our own colours are. */
export const shown = (text: string): string =>
  colours.isColorSupported
    ? text
        .split(ours)
        .map((part, at) => (at % 2 === 1 ? part : visible(part)))
        .join('')
    : visible(text)

/** The only way to a person's terminal. */
export const print = (text: string): void => {
  process.stdout.write(`${shown(text)}\n`)
}

/** The same for what is said beside a document: progress, warnings, errors. */
export const say = (text: string): void => {
  process.stderr.write(`${shown(text)}\n`)
}

const plain = { style: { head: [], border: [] } }

/** A table for people; colours only on a terminal. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const drawn = new Table({ ...plain, head: head.map((each) => colours.bold(each)) })
  drawn.push(...rows.map((row) => row.map(shown)))
  return drawn.toString()
}

/** Columns without borders, for lists that are read line by line. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const none = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '', left: '', right: '', middle: '  ' }
  const edges = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const corners = { 'bottom-left': '', 'bottom-right': '' }
  const drawn = new Table({
    ...plain,
    chars: { ...none, ...edges, ...corners },
    style: { ...plain.style, 'padding-left': 0, 'padding-right': 0 },
  })
  drawn.push(...rows.map((row) => row.map(shown)))
  return drawn.toString().replaceAll(/ +$/gm, '')
}

/** An outcome in its colour. */
export const outcomeText = (outcome: string | null | undefined): string => {
  switch (outcome) {
    case 'cancelled':
    case 'lines-cancelled':
      return colours.green(outcome)
    case 'refused':
    case 'withdrawn':
    case 'compensated':
      return colours.yellow(outcome)
    default:
      return outcome ?? colours.dim('open')
  }
}
