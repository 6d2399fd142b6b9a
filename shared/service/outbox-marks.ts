import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '@countermand/database'
import type { Logger } from '@countermand/telemetry'
import { sql } from 'kysely'

/** Marks rows as published, those of one moment together. */
export interface Marks {
  add(ids: readonly number[]): void
  /** Resolves when nothing is left to mark. */
  settled(): Promise<void>
}

/** `onMarked` is told of each row that is done with, marked or not. */
export const createMarks = (database: Database, log: Logger, onMarked: (id: number) => void): Marks => {
  const published: number[] = []
  let marking: Promise<void> | undefined
  const mark = async () => {
    // The keys of one batch are told one by one.
    await nextTurn()
    while (published.length > 0) {
      const ids = published.splice(0)
      try {
        await sql`update outbox set published_at = now() where id = any(${ids}::bigint[])`.execute(database)
      } catch (error) {
        // They stay unmarked and are sent again: duplicates, by the same event ids.
        log.warn({ err: error, rows: ids.length }, 'published rows could not be marked')
      }
      for (const id of ids) onMarked(id)
    }
    // Synchronously with the end of the loop: what is published next must find nobody at work.
    marking = undefined
  }
  return {
    add: (ids) => {
      published.push(...ids)
      marking ??= mark()
    },
    settled: async () => {
      while (marking !== undefined) await marking
    },
  }
}
