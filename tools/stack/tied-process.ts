import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface TiedProcess {
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Sends a signal to the program alone; false when it has ended. */
  kill(signal: NodeJS.Signals): boolean
}

export interface TiedOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string | undefined
  /** What the program takes as a request to end. */
  readonly stopSignal: NodeJS.Signals
  /** A file descriptor that takes stdout and stderr, or pipes. */
  readonly output: number | 'pipe'
}

/**
 * The shell becomes the program (`exec`), so the child's pid is the program's. Beside it stays a watcher that reads the pipe from us:
 * a word means that the program has ended; the pipe's end without a word means that we were killed, and the watcher ends the program.
 * It is forked twice so that the program does not find a child that it never started.
 */
const tie = `
stop=$1; shift
exec 3<&0
( (
  if ! read -r word <&3; then
    kill -"$stop" $$
    tries=0
    while kill -0 $$ && [ "$tries" -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
    kill -KILL -$$
  fi
) >/dev/null 2>&1 & )
exec 3<&-
exec "$@" </dev/null
`

/**
 * Starts a program that cannot outlive this process, however this process ends. It gets a process group of its own, so that Ctrl-C in
 * the terminal reaches us and not the program: services drain first, then their parts stop.
 */
export const spawnTied = (options: TiedOptions): TiedProcess => {
  const child: ChildProcess = spawn(
    'sh',
    ['-c', tie, 'tied', options.stopSignal.slice('SIG'.length), options.command, ...options.args],
    {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['pipe', options.output, options.output],
    },
  )
  if (child.pid === undefined) throw new Error(`could not start ${options.command}: expected a shell (sh) on the PATH`)
  const exited = new Promise<Exit>((resolve) => {
    // 'close' comes after the last output was read; with files for output it comes with the exit.
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  child.once('exit', () => child.stdin?.end('ended\n'))
  // The pipe breaks when the watcher was killed with the program: nothing is left to tell it.
  child.stdin?.on('error', () => undefined)
  return { pid: child.pid, exited, stdout: child.stdout, stderr: child.stderr, kill: (signal) => child.kill(signal) }
}
