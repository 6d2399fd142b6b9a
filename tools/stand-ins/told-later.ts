import { setTimeout as sleep } from 'node:timers/promises'

const tries = 120
const betweenMs = 1_000

/** Tells something after a while, again and again until somebody has heard it, as providers do. `tell` says with which status it was answered. */
export const tellLater = async (afterMs: number, tell: () => Promise<number | undefined>): Promise<void> => {
  await sleep(afterMs, undefined, { ref: false })
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const status = await tell()
    if (status === undefined || (status > 0 && status < 500)) return
    await sleep(betweenMs, undefined, { ref: false })
  }
}
