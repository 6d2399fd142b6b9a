import Table from 'cli-table3'
import pc from 'picocolors'

/** A document for programs: nothing else may be on stdout. */
export const printJson = (document: unknown): void => {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const plain = { style: { head: [], border: [] } }

/** A table for people; colours only on a terminal. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const drawn = new Table({ ...plain, head: head.map((each) => pc.bold(each)) })
  drawn.push(...rows.map((row) => [...row]))
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
  drawn.push(...rows.map((row) => [...row]))
  return drawn.toString().replaceAll(/ +$/gm, '')
}

/** An outcome in its colour. */
export const outcomeText = (outcome: string | null | undefined): string => {
  switch (outcome) {
    case 'cancelled':
    case 'lines-cancelled':
      return pc.green(outcome)
    case 'refused':
    case 'withdrawn':
    case 'compensated':
      return pc.yellow(outcome)
    default:
      return outcome ?? pc.dim('open')
  }
}
