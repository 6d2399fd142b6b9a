import type { Logger } from '@countermand/telemetry'
import type { EachBatchPayload } from './kafka.ts'

/** Puts off batches that could not be done. */
export interface PutOff {
  /** Pauses the batch's partition for a while: twice as long each time. */
  putOff(payload: EachBatchPayload, error: unknown): void
  /** The batch was done. */
  well(payload: EachBatchPayload): void
}

const longestMs = 5_000

const placeOf = ({ batch }: EachBatchPayload) => `${batch.topic}/${batch.partition}`

/** `isPaused`: somebody holds the topic, which is not to be resumed by us. */
export const createPutOff = (log: Logger, isPaused: (topic: string) => boolean): PutOff => {
  const trouble = new Map<string, number>()
  return {
    // Never slept on: a sleeping handler would hold up the other partitions of the process too.
    putOff: (payload, error) => {
      const where = placeOf(payload)
      const attempt = (trouble.get(where) ?? 0) + 1
      trouble.set(where, attempt)
      log.warn({ err: error, partition: where, attempt }, 'batch put off, its partition is paused')
      const resume = payload.pause()
      setTimeout(
        () => {
          if (!isPaused(payload.batch.topic)) resume()
        },
        Math.min(100 * 2 ** (attempt - 1), longestMs),
      ).unref()
    },
    well: (payload) => {
      trouble.delete(placeOf(payload))
    },
  }
}
