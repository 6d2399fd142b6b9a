/** Hears how far a long piece of work is; who reads the work's result may not care. */
export interface Progress {
  step(): void
  end(): void
}

/** Told what is begun, and how much of it there is. */
export type WatchProgress = (what: string, total: number) => Progress

export const unwatched: WatchProgress = () => ({ step: () => undefined, end: () => undefined })
