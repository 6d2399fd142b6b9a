import type { Database, DatabaseTransaction } from '@countermand/database'
import type { Left } from '@countermand/kafka/last-resort.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Publisher } from '@countermand/kafka/publisher.ts'
import type { Logger } from '@countermand/telemetry'
import { createMarks } from './outbox-marks.ts'
import { createRelay } from './outbox-relay.ts'
import { blockedKeys, insertRows, keyOf } from './outbox-rows.ts'

/**
 * Rows of one key go out in order. A row is published by its writer right after the commit, unless an older row of its key
 * waits; the relay takes what is left over: rows of a process that died, and those behind them.
 */
export interface Outbox {
  /** Writes messages inside the transaction; call `settle` once it has ended. */
  add(tx: DatabaseTransaction, messages: readonly OutgoingMessage[]): Promise<Stored>
  /** After the commit: publishes what may go at once. After a rollback: forgets. */
  settle(stored: Stored, committed: boolean): void
  start(): void
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

interface Row {
  readonly id: number
  readonly message: OutgoingMessage
}

/** The rows of one transaction. */
export interface Stored {
  /** Those that may go at once. */
  readonly inline: readonly Row[]
  /** Keys of which an older row could not be published since this transaction looked for such. */
  readonly refused: Set<string>
}

export const nothingStored: Stored = { inline: [], refused: new Set() }

const relayEveryMs = 1_000

export const createOutbox = (options: {
  readonly database: Database
  readonly publisher: Pick<Publisher, 'publish'>
  readonly service: string
  /** Names this process. */
  readonly writer: string
  /** Told of a dead letter that could not be sent whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
}): Outbox => {
  const { database, publisher, writer, log } = options
  const inFlight = new Set<number>()
  /** By transactions that have not settled yet: see `Stored`. */
  const unsettled = new Set<Set<string>>()
  /** By key, whether the rows that were given to the publisher last have been taken. */
  const lastOf = new Map<string, Promise<boolean>>()
  const marks = createMarks(database, log, (id) => inFlight.delete(id))
  const relay = createRelay({ ...options, isInFlight: (id) => inFlight.has(id) })
  let relaying: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const leaveToRelay = (key: string, rows: readonly Row[]) => {
    for (const row of rows) inFlight.delete(row.id)
    for (const refused of unsettled) refused.add(key)
  }

  /** A key's rows go when those before them have been taken; the broker takes or refuses them together. */
  const publishKey = async (key: string, rows: readonly Row[], before: Promise<boolean> | undefined) => {
    try {
      if (before !== undefined && !(await before)) {
        leaveToRelay(key, rows)
        return false
      }
      await publisher.publish(rows.map((row) => row.message))
      marks.add(rows.map((row) => row.id))
      return true
    } catch (error) {
      leaveToRelay(key, rows)
      log.error({ err: error, rows: rows.length }, 'rows of the outbox could not be published, the relay tries again')
      return false
    }
  }

  const publish = (rows: readonly Row[]) => {
    for (const [key, ofKey] of Map.groupBy(rows, (row) => keyOf(row.message))) {
      const taken = publishKey(key, ofKey, lastOf.get(key)).finally(() => {
        if (lastOf.get(key) === taken) lastOf.delete(key)
      })
      lastOf.set(key, taken)
    }
  }

  return {
    add: async (tx, messages) => {
      if (messages.length === 0) return nothingStored
      const refused = new Set<string>()
      unsettled.add(refused)
      try {
        const blocked = await blockedKeys(tx, [...new Set(messages.map(keyOf))], inFlight)
        const ids = await insertRows(tx, writer, messages)
        const inline = messages.flatMap((message, index) => {
          const id = ids[index]
          if (id === undefined) throw new Error(`expected ${messages.length} outbox ids, got ${ids.length}`)
          return blocked.has(keyOf(message)) ? [] : [{ id, message }]
        })
        // Before the commit: the next transaction of these keys must see them as on their way.
        for (const { id } of inline) inFlight.add(id)
        return { inline, refused }
      } catch (error) {
        unsettled.delete(refused)
        throw error
      }
    },
    settle: ({ inline, refused }, committed) => {
      unsettled.delete(refused)
      const goes = ({ message }: Row) => committed && (refused.size === 0 || !refused.has(keyOf(message)))
      for (const row of inline) if (!goes(row)) inFlight.delete(row.id)
      publish(inline.filter(goes))
    },
    start: () => {
      timer = setInterval(() => {
        relaying ??= relay.run([...inFlight]).finally(() => {
          relaying = undefined
        })
      }, relayEveryMs)
    },
    stop: async () => {
      clearInterval(timer)
      relay.stop()
      await relaying
      await Promise.all(lastOf.values())
      await marks.settled()
    },
  }
}
