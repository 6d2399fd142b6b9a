/** Keeps calls from a provider that is known to be away: one in a while finds out whether it is back, the others wait. */
export interface Circuit {
  /** Milliseconds until somebody may call; 0: now, and who asks does. */
  waitMs(): number
  /** What came of a call. */
  heard(isAway: boolean): void
  /** So many calls in a row came to nothing that the next one is another sign of the same, not news of its own. */
  isOpen(): boolean
  /** It is open, and somebody has met that not long ago: of a provider that nobody asks any more nothing is known. */
  isAway(): boolean
}

export interface CircuitOptions {
  /** So many in a row are no chance. */
  readonly failures?: number
  readonly restMs?: number
  /** ms since the epoch. */
  readonly now?: () => number
}

/** As long as somebody waits for a provider, one asks it in less. */
const forgottenMs = 600_000

export const createCircuit = ({ failures = 5, restMs = 30_000, now = Date.now }: CircuitOptions = {}): Circuit => {
  let inRow = 0
  let restsUntil = 0
  const isOpen = () => inRow >= failures
  return {
    isOpen,
    isAway: () => isOpen() && now() < restsUntil + forgottenMs,
    waitMs: () => {
      if (!isOpen()) return 0
      const left = restsUntil - now()
      if (left > 0) return left
      // This one goes; the others wait for what comes of it, and no longer than for the last.
      restsUntil = now() + restMs
      return 0
    },
    heard: (isAway) => {
      inRow = isAway ? inRow + 1 : 0
      if (isOpen()) restsUntil = now() + restMs
    },
  }
}
