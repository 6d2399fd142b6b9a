import { readFile } from 'node:fs/promises'
import { deadLetterReason } from '@countermand/contracts'
import { sourceTopics } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { expect, it } from 'vitest'

const page = await readFile(new URL('../../../docs/dead-letters.md', import.meta.url), 'utf8')

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

it('the page about dead letters says of each reason what it means and what to do, and of no other', () => {
  const told = rows.flatMap(([, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
  expect(told.toSorted()).toEqual([...deadLetterReason.options].toSorted())
  for (const [, , means, todo] of rows)
    expect([means, todo]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)])
})

it('the page about dead letters shows topics, services and reasons that there are', () => {
  const samples = page.split('```').filter((_, place) => place % 2 === 1)
  const shown = samples.flatMap((sample) =>
    [...sample.matchAll(/^│ \d.*│$/gm)].map(([line]) => line.split('│').map((cell) => cell.trim())),
  )
  expect(shown.length).toBeGreaterThan(0)
  for (const [, , id = '', , service, reason] of shown) {
    expect(sourceTopics).toContain(id.split(':')[0])
    expect(['order', 'inventory', 'logistics', 'payment', 'orchestrator']).toContain(service)
    expect(deadLetterReason.options).toContain(reason)
  }
})
