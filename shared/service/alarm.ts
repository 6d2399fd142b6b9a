/** Rings at the earliest moment that it was set to, and then every so often, until it is set to an earlier one. */
export interface Alarm {
  /** Milliseconds since the epoch. A later moment than the one it is set to changes nothing. */
  set(at: number): void
  stop(): void
}

export const createAlarm = (everyMs: number, ring: () => void): Alarm => {
  let timer: NodeJS.Timeout | undefined
  let ringsAt = Number.POSITIVE_INFINITY
  let stopped = false
  const set = (at: number) => {
    if (stopped || at >= ringsAt) return
    ringsAt = at
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        ringsAt = Number.POSITIVE_INFINITY
        set(Date.now() + everyMs)
        ring()
      },
      Math.max(0, at - Date.now()),
    )
  }
  return {
    set,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
