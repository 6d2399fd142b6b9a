import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { compiled } from '../system/compiled.ts'
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
      await expect(execute(link, ['list', '--stage', 'asking'], { cwd: folder, env })).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /^error: option '--stage <stage>' argument 'asking' is invalid. Allowed choices are/,
        ),
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('keep what Node compiled where processes and tests keep it', async () => {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    expect(await readFile(script, 'utf8')).toContain(`$root/${relative(root, compiled)}}`)
  })

  it('end quietly when nobody reads on', async () => {
    const { stderr } = await execute('sh', ['-c', `'${script}' --help | true; '${script}' --help | head -1`])
    expect(stderr).toBe('')
  })

  const hook = `import { registerHooks } from 'node:module'
      registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  /** What is loaded for these words, where no system answers. */
  const loadedFor = async (...words: readonly string[]): Promise<string> => {
    const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, main, ...words]
    const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' }
    const { stderr } = await execute(process.execPath, args, { env }).catch((error: { stderr: string }) => error)
    return stderr
  }

  it('that ask one thing load neither the worker, nor a client of Kafka, nor what services are made of', async () => {
    const decision = ['--decision', 'retry', '--by', 'ann', '--reason', 'why']
    for (const [name, ...words] of [['list'], ['retry', 'req-1'], ['resolve', 'req-1', ...decision], ['verify']]) {
      const loaded = await loadedFor(name ?? '', ...words)
      expect(loaded).toContain(`actions/${name}.ts`)
      expect(loaded).toContain('expected Temporal to answer on 127.0.0.1:1')
      expect(loaded).not.toMatch(/node_modules\/(@temporalio\/worker|kafkajs|kysely|pino|prom-client)\//)
      expect(loaded).not.toContain('shared/contracts/index.ts')
    }
  })

  it('that read dead letters too load nothing of what watches services', async () => {
    for (const words of [['status'], ['show', 'req-1']]) {
      const loaded = await loadedFor(...words)
      expect(loaded).toContain(`actions/${words[0]}.ts`)
      expect(loaded).not.toMatch(/node_modules\/(@temporalio\/worker|kysely|pino|prom-client|@opentelemetry)\//)
    }
  })

  it('that ask nothing load nothing that could', async () => {
    for (const words of [['--help'], ['resolve', '--help'], ['lst'], ['resolve', 'req-1', '--decision', 'maybe']]) {
      const loaded = await loadedFor(...words)
      expect(loaded).toContain('tools/saga/commands/resolve.ts')
      expect(loaded).not.toMatch(/saga\/actions\/|node_modules\/(@temporalio|@grpc|kafkajs|pg|kysely|pino)\//)
    }
  })

  it('each do one thing, in a file of its own', async () => {
    const actions = await readdir(fileURLToPath(new URL('actions', import.meta.url)))
    const files = await readdir(fileURLToPath(new URL('commands', import.meta.url)))
    // These only say what they lead to.
    expect(actions).toEqual(files.filter((file) => !['completion.ts', 'dlq.ts'].includes(file)))
  })
})
