import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fetchComposeChecker } from '@countermand/tools/stack/fetch.ts'
import { z } from 'zod'

const execute = promisify(execFile)
export const root = fileURLToPath(new URL('../../', import.meta.url))
export const textOf = (path: string): Promise<string> => readFile(join(root, path), 'utf8')

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).nullish(),
  container_name: z.string().optional(),
  build: z.object({ target: z.string().optional() }).optional(),
  profiles: z.array(z.string()).default([]),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  init: z.boolean().optional(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  ports: z.array(z.object({ target: z.number(), published: z.string().optional(), host_ip: z.string() })).default([]),
  volumes: z.array(z.object({ type: z.string(), source: z.string(), target: z.string() })).default([]),
})
export type Service = z.infer<typeof service>
const model = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
})
export type Model = z.infer<typeof model>

/** What docker-compose.yml comes to, by the Compose specification's own parser. Throws its error when it is no such file. */
export const composeModel = async (): Promise<Model> => {
  const log = (line: string) => process.stderr.write(`[compose] ${line}\n`)
  const checker = await fetchComposeChecker({ env: process.env, log })
  const { stdout } = await execute(checker, ['-format', 'json', 'docker-compose.yml'], {
    cwd: root,
    maxBuffer: 2 ** 24,
  })
  return model.parse(JSON.parse(stdout))
}

/** Runs the command of a container on this machine, and waits for its end. */
export const runCommand = async (
  { command }: Service,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> => {
  const [program, ...rest] = command ?? []
  if (program !== 'node') throw new Error(`expected a command that begins with node, got ${command}`)
  const options = { cwd: root, env: { PATH: process.env.PATH, ...env }, timeout: 30_000 }
  return execute(process.execPath, [...rest, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: unknown; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  )
}
