import type { Logger } from '@countermand/telemetry'
import type { Consumer } from './kafka.ts'

/** The offsets that a consumer still has to commit: those of all its partitions together. */
export interface OffsetCommits {
  /** Everything up to this offset is done. */
  done(topic: string, partition: number, offset: string): void
  /** Commits what is done, now. Never rejects: what could not be committed comes again. */
  flush(): Promise<void>
  /** The partitions are given out anew: their next owners start where the last commit left them. */
  forget(): void
}

/** How long after a batch its offset is committed at the latest. */
const withinMs = 500

export const createOffsetCommits = (consumer: Consumer, log: Logger): OffsetCommits => {
  const waiting = new Map<string, { readonly topic: string; readonly partition: number; readonly offset: string }>()
  let timer: NodeJS.Timeout | undefined

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    const offsets = [...waiting.values()]
    waiting.clear()
    if (offsets.length === 0) return
    await consumer
      .commitOffsets(offsets)
      .catch((error: unknown) => log.debug({ err: error, partitions: offsets.length }, 'offsets not committed'))
  }

  return {
    done: (topic, partition, offset) => {
      waiting.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) })
      timer ??= setTimeout(() => void flush(), withinMs)
    },
    flush,
    forget: () => {
      clearTimeout(timer)
      timer = undefined
      waiting.clear()
    },
  }
}
