import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { coloured } from './colours.ts'

const printed = (env: NodeJS.ProcessEnv): string => {
  const script = `import { colours } from '${fileURLToPath(new URL('colours.ts', import.meta.url))}'; console.log(colours.red('x'))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' })
  return stdout.trimEnd()
}

describe('colours', () => {
  it('are for terminals, whatever runs the command', () => {
    expect(coloured({}, true)).toBe(true)
    expect(coloured({ TERM: 'dumb' }, true)).toBe(false)
    expect(coloured({}, false)).toBe(false)
    expect(coloured({ CI: 'true' }, false)).toBe(false)
  })

  it('are there, or not, where the environment says so', () => {
    expect(coloured({ NO_COLOR: '1' }, true)).toBe(false)
    expect(coloured({ NO_COLOR: '', FORCE_COLOR: '1' }, false)).toBe(true)
    expect(coloured({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false)
    expect(coloured({ FORCE_COLOR: '0' }, true)).toBe(false)
  })

  it('stay out of a pipe on a build server', () => {
    expect(printed({ CI: 'true' })).toBe('x')
    expect(printed({ CI: 'true', FORCE_COLOR: '1' })).toBe('\x1b[31mx\x1b[39m')
  })
})
