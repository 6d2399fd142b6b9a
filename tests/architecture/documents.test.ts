import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failureTable } from '../failures/document.ts'
import { root } from './cruise.ts'

const documents = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.md') && !/(^|[/\\])(node_modules|[.]git)[/\\]/.test(path),
)
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** As GitHub makes them of headings. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  )

const broken = (path: string): string[] => {
  const prose = textOf(path).replaceAll(/^```.*?^```/gms, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    if (!existsSync(join(root, target))) return [`${path}: ${link}`]
    return anchor === undefined || anchors(textOf(target)).includes(anchor) ? [] : [`${path}: ${link}`]
  })
}

it('finds the documents', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']))
})

it.each(documents)('%s leads to files and headings that are there', (path) => {
  expect(broken(path)).toEqual([])
})

it('the failure table is as the tests play it: else `npm run generate`', () => {
  expect(textOf('docs/failure-table.md')).toBe(failureTable())
})

it('the README has two screens', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThan(140)
})

it('each page of docs can be found from the README, from link to link', () => {
  const found = new Set(['README.md'])
  for (const path of found)
    for (const [, link = ''] of textOf(path).matchAll(/\]\(([^)\s#]+)/g)) {
      const target = join(dirname(path), link)
      if (documents.includes(target)) found.add(target)
      if (link === 'docs/adr' || target === join('docs', 'adr'))
        for (const each of documents) if (each.startsWith(target)) found.add(each)
    }
  expect(documents.filter((path) => path.startsWith('docs') && !found.has(path))).toEqual([])
})

it('the walk through one cancellation stops where the code is', () => {
  const page = 'docs/following-one-cancellation.md'
  const stops = [...textOf(page).matchAll(/\[[\w-]+[.]ts\]\(([^)]+)\) `(\w+)`/g)]
  expect(stops.length).toBeGreaterThanOrEqual(12)
  const lost = stops.filter(
    ([, file = '', name = '']) =>
      !new RegExp(`((const|function) ${name}\\b|^ *${name}:)`, 'm').test(textOf(join(dirname(page), file))),
  )
  expect(lost.map(([stop]) => stop)).toEqual([])
})

describe('the contracts', () => {
  const room = 'shared/contracts'
  const files = readdirSync(join(root, room)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

  it.each(files)('say what every name of %s is', (name) => {
    const lines = textOf(join(room, name)).split('\n')
    const silent = lines.filter(
      (line, at) =>
        /^export (const|type|interface|function|class) /.test(line) &&
        // What a type is read from says it for both.
        !/^export type \w+ = z[.]infer<typeof \w+>$/.test(line) &&
        !lines[at - 1]?.trimEnd().endsWith('*/'),
    )
    expect(silent).toEqual([])
  })
})
