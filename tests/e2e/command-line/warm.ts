import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** How a command ended. */
const ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })
export type Ended = z.infer<typeof ended>

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/**
 * The command line in processes that stay: each carries out one command after the other, and loads the code once. Where the process itself
 * is looked at, tests start one for each command.
 */
export const openCommandLine = (env: NodeJS.ProcessEnv) => {
  const start = () => fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const all: ReturnType<typeof start>[] = []
  const idle: typeof all = []
  return {
    run: async (args: readonly string[]): Promise<Ended> => {
      const process = idle.pop() ?? start()
      if (!all.includes(process)) all.push(process)
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(150_000)])
      const gone = once(process, 'exit', { signal }).then(() => {
        throw new Error(`expected ${args.join(' ')} to end, and its process is gone`)
      })
      gone.catch(() => {})
      const answered = once(process, 'message', { signal })
      process.send(args)
      const [answer]: unknown[] = await Promise.race([answered, gone])
      over.abort()
      idle.push(process)
      return ended.parse(answer)
    },
    stop: async (): Promise<void> => {
      await Promise.all(
        all
          .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
          .map((process) => {
            const exit = once(process, 'exit')
            process.disconnect()
            return exit
          }),
      )
    },
  }
}
