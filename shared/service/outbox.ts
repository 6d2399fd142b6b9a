import { type Database, type DatabaseTransaction, databaseLimits } from '@countermand/database'
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

/** A transaction's place in the line of a key: its rows go when those before it have gone. */
interface Turn {
  /** Emptied once they are left to the relay. */
  readonly rows: Row[]
  /** Whether what came before has been taken; `undefined`: nothing is on its way. */
  readonly before: Promise<boolean> | undefined
  /** Lets those behind it go, or not. */
  end(taken: boolean | Promise<boolean>): void
}

/** What one transaction wrote, by key. */
export type Stored = ReadonlyMap<string, Turn>

export const nothingStored: Stored = new Map()

const relayEveryMs = 1_000
/** A transaction whose end is not heard of by then has one: the server ends what is open, and its way may have been cut without a word. */
const unheardMs = 2 * (databaseLimits.statementMs + databaseLimits.idleInTransactionMs)

export const createOutbox = (options: {
  readonly database: Database
  readonly publisher: Pick<Publisher, 'publish'>
  readonly service: string
  /** Names this process. */
  readonly writer: string
  /** Told of a dead letter that could not be sent whole. */
  readonly onReduced: (left: Left) => void
  readonly log: Logger
  /** After how long (ms) a transaction has ended whose end nobody heard of. */
  readonly unheardMs?: number
}): Outbox => {
  const { database, publisher, writer, log } = options
  const inFlight = new Set<number>()
  /** By key, whether the rows of the last in its line have been taken. */
  const lastOf = new Map<string, Promise<boolean>>()
  const marks = createMarks(database, log, (id) => inFlight.delete(id))
  const relay = createRelay({ ...options, isInFlight: (id) => inFlight.has(id) })
  let relaying: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const leaveToRelay = ({ rows }: Turn): false => {
    for (const { id } of rows.splice(0)) inFlight.delete(id)
    return false
  }

  /** In the order of the transactions, which hold the lock of their orders here: answers to commits may overtake each other. */
  const takeTurn = (key: string): Turn => {
    const { promise: taken, resolve } = Promise.withResolvers<boolean>()
    const unheard = setTimeout(() => resolve(leaveToRelay(turn)), options.unheardMs ?? unheardMs)
    const turn: Turn = {
      rows: [],
      before: lastOf.get(key),
      end: (value) => {
        clearTimeout(unheard)
        resolve(value)
      },
    }
    lastOf.set(key, taken)
    void taken.then(() => {
      if (lastOf.get(key) === taken) lastOf.delete(key)
    })
    return turn
  }

  /** The broker takes or refuses the rows of a turn together. */
  const publish = async (turn: Turn): Promise<boolean> => {
    if (turn.rows.length === 0 || (await turn.before) === false) return leaveToRelay(turn)
    try {
      await publisher.publish(turn.rows.map(({ message }) => message))
      marks.add(turn.rows.map(({ id }) => id))
      return true
    } catch (error) {
      log.error(
        { err: error, rows: turn.rows.length },
        'rows of the outbox could not be published, the relay tries again',
      )
      return leaveToRelay(turn)
    }
  }

  const forget = (stored: Stored) => {
    for (const turn of stored.values()) turn.end(leaveToRelay(turn))
  }

  return {
    add: async (tx, messages) => {
      if (messages.length === 0) return nothingStored
      const byKey = Map.groupBy(messages, keyOf)
      // At one moment with the look at what is on its way: a row that fails from now on is before this turn, or found in the table.
      const turns = new Map([...byKey.keys()].map((key) => [key, takeTurn(key)]))
      try {
        const blocked = await blockedKeys(tx, [...byKey.keys()], inFlight)
        const ids = await insertRows(tx, writer, messages)
        for (const [index, message] of messages.entries()) {
          const id = ids[index]
          if (id === undefined) throw new Error(`expected ${messages.length} outbox ids, got ${ids.length}`)
          if (blocked.has(keyOf(message))) continue
          turns.get(keyOf(message))?.rows.push({ id, message })
          // Before the commit: the next transaction of these keys must see them as on their way.
          inFlight.add(id)
        }
        return turns
      } catch (error) {
        forget(turns)
        throw error
      }
    },
    settle: (stored, committed) => {
      // Whether a commit that failed was one is not known for sure.
      if (!committed) forget(stored)
      else for (const turn of stored.values()) turn.end(publish(turn))
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
