import { spawn } from 'node:child_process'

/**
 * Runs a program that talks to the terminal itself, and resolves with its exit code. When we are asked to end, it is asked, and we end
 * with it: a signal to npm alone reaches only us.
 */
export const runInFront = (command: string, args: readonly string[], cwd: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit' })
    const end = (signal: NodeJS.Signals) => {
      child.kill(signal)
      child.once('exit', () => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
    child.once('error', (cause) => reject(new Error(`could not start ${command}`, { cause })))
    child.once('exit', (code) => {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      resolve(code ?? 1)
    })
  })
