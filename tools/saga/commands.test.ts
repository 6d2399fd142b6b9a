import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { askedFor, commands, load } from './commands.ts'

const script = fileURLToPath(new URL('../bin/saga', import.meta.url))
const execute = promisify(execFile)

// Processes take their time on a busy machine.
describe('the commands', { timeout: 60_000 }, () => {
  it('are each called as they are listed', async () => {
    for (const [name, get] of commands) {
      const program = new Command('saga')
      ;(await get())(program, () => undefined)
      expect(program.commands.map((each) => each.name())).toEqual([name])
    }
  })

  it('are loaded alone, and all together only where all are told of', async () => {
    expect(askedFor(['--verbose', 'list', 'show'])).toBe('list')
    expect(askedFor(['dance', 'list'])).toBeUndefined()
    expect(await load(['show', 'x'])).toHaveLength(1)
    for (const words of [[], ['--help'], ['lst'], ['completion', 'bash']])
      expect(await load(words)).toHaveLength(commands.size)
  })

  it('are found by a link from anywhere, on a shell without a Node, and guess what was meant', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countermand-bin-'))
    try {
      const link = join(folder, 'saga')
      await symlink(script, link)
      const env = { PATH: '/usr/bin:/bin' }
      const help = await execute(link, ['list', '--help'], { cwd: folder, env })
      expect(help.stdout).toContain('Usage: saga list')
      await expect(execute(link, ['lst'], { cwd: folder, env })).rejects.toMatchObject({
        code: 2,
        stderr: "error: unknown command 'lst' (Did you mean list?)\n",
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('end quietly when nobody reads on', async () => {
    const { stderr } = await execute('sh', ['-c', `'${script}' --help | true; '${script}' --help | head -1`])
    expect(stderr).toBe('')
  })

  it('that ask one thing load neither the worker, nor a client of Kafka, nor what services are made of', async () => {
    const hook = `import { registerHooks } from 'node:module'
      registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, main]
    for (const name of ['list', 'retry', 'resolve', 'verify']) {
      const { stderr } = await execute(process.execPath, [...args, name, '--help'])
      expect(stderr).toContain(`commands/${name}.ts`)
      expect(stderr).not.toMatch(/node_modules\/(@temporalio\/worker|kafkajs|kysely|pino|prom-client)\//)
    }
  })
})
