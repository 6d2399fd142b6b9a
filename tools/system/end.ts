/** Somebody asked a command to end: no failure of the command. */
export class Ended extends Error {
  override readonly name = 'Ended'
}

/**
 * Aborts with {@link Ended} on SIGINT or SIGTERM. The handlers stay: Ctrl-C in a terminal reaches us twice, from the terminal and from
 * npm, and the second one must not cut off an orderly end.
 */
export const endOnSignal = (): AbortController => {
  const end = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => end.abort(new Ended(`ended by ${signal}`)))
  return end
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
