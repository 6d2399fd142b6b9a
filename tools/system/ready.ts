import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when the address answers 200. Rejects when the signal aborts. */
export const untilReady = async (url: string, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted()
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) }).catch(
      () => undefined,
    )
    await answer?.body?.cancel()
    if (answer?.status === 200) return
    await sleep(50, undefined, { signal })
  }
}
