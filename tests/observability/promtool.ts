import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { fetchPromtool } from '@countermand/tools/stack/fetch-promtool.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Runs promtool in the root of the repository; what it says, and whether it was content. */
export const promtool = async (
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly output: string }> => {
  const program = await fetchPromtool({ env: process.env, log: (line) => process.stderr.write(`[promtool] ${line}\n`) })
  const child = spawn(program, args, { cwd: root, stdio: 'pipe', timeout: 60_000 })
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  child.stdin.end(input)
  const [out, problems, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, output: out + problems }
}
