import { execFileSync } from 'node:child_process'
import { Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { load } from './commands.ts'
import { completionScript, placesOf } from './completion.ts'

const program = () => {
  const made = new Command('saga')
  made
    .command('resolve [id]')
    .description("it's a decision")
    .addOption(new Option('--decision <decision>', 'what').choices(['retry', 'undo']))
    .addOption(new Option('--why <why>').hideHelp())
  const dlq = made.command('dlq').description('dead letters')
  dlq.command('list').option('--open', 'only those')
  dlq.command('show <id>')
  return made
}

/** What bash would offer after these words, by the script itself. */
const offered = (...words: string[]): string[] => {
  const script = `${completionScript('bash', program())}\n_saga_words "$@"`
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
}

describe('the completion', () => {
  it('offers commands, then their options, and the values of an option', () => {
    expect(offered()).toEqual(['resolve', 'dlq'])
    expect(offered('dlq')).toEqual(['list', 'show'])
    expect(offered('dlq', 'list')).toEqual(['--open'])
    expect(offered('resolve', 'dlq')).toEqual(['--decision'])
    expect(offered('resolve', 'id-1', '--decision')).toEqual(['retry', 'undo'])
  })

  it('is written for fish and zsh too, with quotes in their place', () => {
    expect(completionScript('fish', program())).toContain(`-a resolve -d 'it'\\''s a decision'`)
    expect(completionScript('zsh', program())).toMatch(/^#compdef saga\n/)
  })

  it('knows every command there is', async () => {
    const whole = new Command('saga')
    for (const define of await load([])) define(whole, () => undefined)
    expect(placesOf(whole).map(({ words }) => words)).toEqual(
      expect.arrayContaining(['list', 'show', 'dlq redrive', 'intake pause', 'completion']),
    )
  })
})
