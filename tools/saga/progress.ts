import type { WatchProgress } from '@countermand/workflows/operations/reach/progress.ts'

const everyMs = 5_000

/** Says on stderr how far a long command is; on a terminal in one line, else now and then. */
export const startProgress: WatchProgress = (what, total) => {
  const { stderr } = process
  let done = 0
  let saidAt = performance.now()
  const say = () => stderr.write(stderr.isTTY ? `\r${what}: ${done} of ${total}` : `${what}: ${done} of ${total}\n`)
  return {
    step: () => {
      done += 1
      if (total === 1) return
      const now = performance.now()
      if (!stderr.isTTY && now - saidAt < everyMs) return
      saidAt = now
      say()
    },
    end: () => {
      if (stderr.isTTY && done > 0) stderr.write('\r\x1b[K')
    },
  }
}
