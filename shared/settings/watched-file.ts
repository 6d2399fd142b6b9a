import { readFileSync, statSync } from 'node:fs'

/** Writes of the same size that follow each other this closely may have the same time: what was written just now is read again. */
const justNowMs = 2_000

export interface WatchedFile {
  /** Its text, when it is not as it was at the last look; `undefined`: as it was. Throws when it cannot be read. */
  changed(): string | undefined
}

/**
 * A small file that others replace while we run. It is looked at where it is used: a secret that was changed is used from then on, and
 * nothing runs in between. Looking is one call of the system, and what it is used for is a request over the network.
 */
export const watchedFile = (path: string, now: () => number = Date.now): WatchedFile => {
  let seen = ''
  let known: string | undefined
  return {
    changed: () => {
      const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
      const look = [mtimeNs, ctimeNs, size, ino].join()
      if (look === seen) return undefined
      const text = readFileSync(path, 'utf8')
      seen = now() - Number(ctimeNs / 1_000_000n) > justNowMs ? look : ''
      if (text === known) return undefined
      known = text
      return text
    },
  }
}
