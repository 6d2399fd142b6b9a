import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type ProcessName, processNames, programOf } from '@countermand/tools/system/processes.ts'
import { describe, expect, it } from 'vitest'

const execute = promisify(execFile)

/** Runs a process that is expected to end by itself. */
const run = async (name: ProcessName, env: NodeJS.ProcessEnv, args: readonly string[] = []) => {
  const options = { env: { PATH: process.env.PATH, ...env }, timeout: 30_000 }
  return execute(process.execPath, [programOf(name), ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: unknown; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  )
}

const wrong = { LOG_LEVEL: 'loud', ORDER_PATIENCE: 'soon', STEP_ATTEMPTS: '-3', KAFKA_PARTITIONS: 'many' }

describe.for(processNames)('the %s process', (name) => {
  it('lists every wrong setting and exits 1', async () => {
    const port = `${name.toUpperCase()}_HTTP_PORT`
    const { code, stderr } = await run(name, { ...wrong, [port]: '70000' })
    expect(code).toBe(1)
    for (const setting of [...Object.keys(wrong), port]) expect(stderr).toContain(setting)
    expect(stderr).not.toContain('    at ')
  })

  it('lists its settings with --help', async () => {
    const { code, stdout } = await run(name, {}, ['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('KAFKA_BROKERS')
    expect(stdout).toContain(`${name.toUpperCase()}_HTTP_PORT`)
  })
})
