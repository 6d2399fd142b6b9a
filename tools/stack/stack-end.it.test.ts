import { spawn } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { StackCrash } from './index.ts'
import { findProgram } from './programs.ts'
import { ask, execute, freshHome, removeHomes, runningOf, start } from './stack-for-tests.ts'

// Several stacks run beside each other here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

afterAll(removeHomes)

describe('the end of a stack', () => {
  it('leaves no process, and its home can be used again', async () => {
    const home = await freshHome()
    const first = await start({ home })
    const pids = Object.values(first.pids)
    expect(pids).toHaveLength(3)
    await ask(first.databaseUrls.payment, 'create table survivor as select 7 as number')
    await first.stop()
    expect(await runningOf(pids)).toEqual([])
    expect(first.pids).toEqual({})
    await first.stop()

    const second = await start({ home })
    expect(await ask(second.databaseUrls.payment, 'select number from survivor')).toEqual([{ number: 7 }])
    await second.stop()
  })

  it('comes when the process that started it is killed', async () => {
    const index = fileURLToPath(new URL('index.ts', import.meta.url))
    const script = `
      const { startStack } = await import(${JSON.stringify(index)})
      const options = { home: ${JSON.stringify(await freshHome())}, ports: 'free', env: process.env, log: () => undefined }
      const stack = await startStack(options)
      console.log(JSON.stringify(Object.values(stack.pids)))
      setInterval(() => undefined, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pids = await new Promise<number[]>((resolve) => {
      child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString('utf8'))))
    })
    expect(await runningOf(pids)).toHaveLength(3)
    child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await runningOf(pids)).toEqual([]), { timeout: 55_000, interval: 200 })
  })

  it('does not come with Ctrl-C, which reaches a process group: services drain before their parts stop', async () => {
    const stack = await start({ parts: ['postgres'] })
    const { stdout } = await execute('ps', ['-o', 'pgid=', '-p', String(stack.postgres.pid)])
    expect(Number(stdout)).toBe(stack.postgres.pid)
    await stack.stop()
  })
})

describe('a part that ends by itself', () => {
  it('is reported with the last lines of its log', async () => {
    const crash = Promise.withResolvers<StackCrash>()
    const stack = await start({ parts: ['postgres'], onCrash: crash.resolve })
    process.kill(stack.postgres.pid ?? expect.fail('PostgreSQL has no pid'), 'SIGKILL')
    const error = await crash.promise
    expect(error).toBeInstanceOf(StackCrash)
    expect(error.part).toBe('postgres')
    expect(error.message).toContain('postgres ended (signal SIGKILL). The last lines of')
    expect(error.lastLines).toContain('ready to accept connections')
    await stack.stop()
  })
})

describe('a stack that cannot be started', () => {
  it('names the tool that is missing, and ends the parts that were', async () => {
    const home = await freshHome()
    const bin = join(home, 'bin')
    await mkdir(bin)
    for (const name of ['sh', 'id', 'setpriv', 'temporal', 'sleep']) {
      const path = await findProgram(name, process.env)
      if (path !== undefined) await symlink(path, join(bin, name))
    }
    const env = { ...process.env, PATH: bin, JAVA_HOME: '', COUNTERMAND_STACK: 'native' }
    await expect(start({ home, env })).rejects.toThrow(
      'Kafka: expected Java 17 or newer with Maven, or Docker; found no java on the PATH',
    )
    const { stdout } = await execute('ps', ['-eo', 'args'])
    expect(stdout).not.toContain(`${home}/`)
  })

  it('names a busy port and the setting that moves it', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('expected a port')
    const env = { ...process.env, POSTGRES_PORT: String(address.port) }
    await expect(start({ ports: 'settings', env, parts: ['postgres'] })).rejects.toThrow(
      `port ${address.port} (POSTGRES_PORT) is in use`,
    )
    server.close()
  })
})
