import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { load } from './commands.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const program = new Command('saga').exitOverride().configureOutput({ writeErr: () => undefined })
for (const define of await load([])) define(program, () => undefined)

/** Every command and every group of them. */
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]

/** What a shell makes of a line, up to where its output goes, or a remark begins. */
const wordsOf = (line: string): string[] => {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(<[^>]*>|[^\s'"]+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
  const end = words.findIndex((word) => ['>', '|', '#', '2>'].includes(word))
  return end < 0 ? words : words.slice(0, end)
}

const isLeftOpen = (word: string): boolean => /^<|…$/.test(word)

/** What is wrong with the words after `saga`; nothing: they can be typed. */
const wrongWith = (words: readonly string[]): string | undefined => {
  let command = program
  let at = 0
  for (; at < words.length; at += 1) {
    const next = command.commands.find((each) => each.name() === words[at])
    if (next === undefined) break
    command = next
  }
  const rest = words.slice(at)
  if (command.commands.length > 0)
    return rest[0] === undefined || /^-|…$|^<command>$/.test(rest[0]) ? undefined : `no command ${rest[0]}`
  // Whoever reads fills in what is left open: here one of the choices.
  const filled = rest.map((word, nth) => {
    const option = command.options.find(({ long }) => long === rest[nth - 1])
    return word === '<duration>' ? '2d' : isLeftOpen(word) ? (option?.argChoices?.[0] ?? word) : word
  })
  try {
    const [unknown] = command.parseOptions(filled).unknown
    return unknown === undefined || ['--help', '--verbose'].includes(unknown) ? undefined : `no option ${unknown}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const wrong = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const why = wrongWith(wordsOf(line))
    return why === undefined ? [] : [`saga ${line}: ${why}`]
  })

const helpOf = (command: Command): string => {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

const asTyped = /^(?:npm run saga --|npm run -s saga --) ?/

it('sees what could not be typed', () => {
  const lines = ['lst', 'list --stag x', 'list --stage asking', 'dlq open', 'list --stage <stage>', 'dlq …', '--help']
  expect(wrong(lines).map((each) => each.split(':')[0])).toEqual([
    'saga lst',
    'saga list --stag x',
    'saga list --stage asking',
    'saga dlq open',
  ])
  expect(wordsOf("dlq show <id> --value > fixed.json   # it's")).toEqual(['dlq', 'show', '<id>', '--value'])
})

describe('every example of a help', () => {
  it.each(all(program).map((command) => [command.name(), command] as const))('of %s can be typed', (_, command) => {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n')
    const lines = examples.split('\n').filter((line) => line !== '')
    expect(lines.filter((line) => !asTyped.test(line.trim()))).toEqual([])
    expect(wrong(lines.map((line) => line.trim().replace(asTyped, '')))).toEqual([])
  })
})

describe('every command of the documentation', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })]
  /** In running text and in blocks. */
  const commandsIn = (text: string): string[] => [
    ...[...text.matchAll(/`(?:npm run (?:-s )?saga -- |saga )([^`\n]+)`/g)].map(([, command = '']) => command),
    ...[...text.matchAll(/^ *(?:\$ )?npm run (?:-s )?saga -- ([^`\n]+)$/gm)].map(([, command = '']) => command),
  ]

  it.each(pages)('%s can be typed', (page) => {
    expect(wrong(commandsIn(readFileSync(join(root, page), 'utf8')))).toEqual([])
  })

  it('is found', () => {
    const found = pages.flatMap((page) => commandsIn(readFileSync(join(root, page), 'utf8')))
    expect(found.length).toBeGreaterThan(100)
  })
})
