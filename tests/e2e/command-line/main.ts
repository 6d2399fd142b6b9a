/** Carries out the commands that it is sent, one after the other, each as a process of its own would. */
import { run } from '@countermand/tools/saga/run.ts'
import { z } from 'zod'

const sent = z.array(z.string())
const signals = ['SIGINT', 'SIGTERM'] as const

const captured = async (args: readonly string[]) => {
  const said = { stdout: '', stderr: '' }
  const kept = signals.map((signal) => process.listeners(signal))
  const write = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].write = (part: string | Uint8Array) => {
      said[stream] += typeof part === 'string' ? part : Buffer.from(part).toString()
      return true
    }
  try {
    return { code: await run(['node', 'saga', ...args]), ...said }
  } finally {
    process.stdout.write = write.stdout
    process.stderr.write = write.stderr
    // A process of its own would have ended with what listens for its end.
    for (const [place, signal] of signals.entries())
      for (const each of process.listeners(signal)) if (!kept[place]?.includes(each)) process.off(signal, each)
  }
}

process.on('message', async (message) => process.send?.(await captured(sent.parse(message))))
process.on('disconnect', () => process.exit())
