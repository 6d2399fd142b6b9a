import { readFileSync } from 'node:fs'
import { commands } from '@countermand/contracts'
import { expect, test } from 'vitest'
import { steps } from './cancel-order.ts'
import type { Step } from './run/step.ts'

/** The rows of the README's table of the saga, without its head. */
const rows = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

const undoOf = (step: Step): string => {
  if (step.kind === 'retriable') return ''
  return `\`${step.kind === 'pivot' ? step.forbid.command : step.undo.command}\``
}

test('the README has the steps of the page, in their order', () => {
  const page: readonly Step[] = Object.values(steps)
  expect(rows).toHaveLength(page.length)
  for (const [place, step] of page.entries()) {
    const [number, title, service, does, undo, kind] = rows[place] ?? []
    expect([number, service, kind]).toEqual([String(place + 1), commands[step.do.command].service, step.kind])
    expect(title?.startsWith(step.title), `${title} is ${step.title}`).toBe(true)
    expect(does?.startsWith(`\`${step.do.command}\``), does).toBe(true)
    expect(undo?.startsWith(undoOf(step)) && (undoOf(step) !== '' || undo === ''), undo).toBe(true)
  }
})
