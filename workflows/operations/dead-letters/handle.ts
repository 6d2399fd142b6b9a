import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConnection } from '@countermand/kafka'
import { isHopeless } from '@countermand/kafka/publisher.ts'
import { FencedError, openTransactions, type Send, type Transactions } from '@countermand/kafka/transactions.ts'
import { type LetterBox, readBox } from './box.ts'
import { type Handling, recordOf } from './log.ts'
import { refusal, type Task } from './plan.ts'

/** Who does it, and why. */
export interface Operator {
  readonly by: string
  readonly why?: string
}

export type Result =
  | { readonly letterId: string; readonly done: Handling }
  | { readonly letterId: string; readonly refused: string }

export interface HandleOptions {
  readonly kafka: KafkaConnection
  readonly tasks: readonly Task[]
  readonly operator: Operator
  readonly force: boolean
  readonly onResult?: (result: Result) => void
  /** Of the records that are written; absent: new ones. By the same one again it is known what was done before. */
  readonly recordIdOf?: (letterId: string) => string
}

/** Under one name, so that of two who work at once only the later one can write. */
const transactionsId = 'countermand-dead-letters'
const mostTakeOvers = 30
const mostAttempts = 4

/** Sends and records in one transaction: a letter is never sent without its record, nor recorded without being sent. */
const perform = (transactions: Transactions, { letter, redrive }: Task, operator: Operator, recordId: string) => {
  const handled = { recordId, letterId: letter.id, at: new Date().toISOString(), ...operator }
  const record = async (send: Send, handling: Handling) => {
    await send(recordOf(handling))
    return handling
  }
  return transactions.transact(async (send): Promise<Handling> => {
    if (redrive === undefined) return record(send, { what: 'discarded', ...handled })
    const { message, eventId, redrives } = redrive
    const edited = eventId === undefined ? {} : { eventId }
    const to = await send(message)
    return record(send, { what: 'redriven', ...handled, to, edited: eventId !== undefined, redrives, ...edited })
  })
}

interface Pending extends Task {
  /** Tells our own record from another's, when nobody knows whether a transaction took place. */
  readonly recordId: string
}

/** What has become of a letter by now: our own record, a reason not to go on, or nothing. */
const settled = (box: LetterBox, pending: Pending, force: boolean): Result | undefined => {
  const letterId = pending.letter.id
  const done = box.log.of(letterId).find(({ recordId }) => recordId === pending.recordId)
  if (done !== undefined) return { letterId, done }
  const what = pending.redrive === undefined ? 'discard' : 'redrive'
  const refused = refusal(box, pending.letter, { what, force }) ?? pending.closed
  return refused === undefined ? undefined : { letterId, refused }
}

/**
 * Redrives or discards letters, each exactly once, also when this process is killed at any moment, or several of them run: the log is read
 * after everybody else was fenced off, and a record and its message are written together. Throws when Kafka is away.
 */
export const handleLetters = async (options: HandleOptions): Promise<Result[]> => {
  const results: Result[] = []
  const queue: Pending[] = options.tasks.map((task) => ({
    ...task,
    recordId: options.recordIdOf?.(task.letter.id) ?? randomUUID(),
  }))
  const end = (result: Result) => {
    queue.shift()
    results.push(result)
    options.onResult?.(result)
  }
  for (let attempt = 1; queue.length > 0; attempt++) {
    try {
      await workOff(queue, options, end)
    } catch (error) {
      const [next] = queue
      if (next !== undefined && isHopeless(error))
        end({ letterId: next.letter.id, refused: `Kafka does not take its message: ${wordsOf(error)}` })
      else if (attempt >= (error instanceof FencedError ? mostTakeOvers : mostAttempts)) throw error
      // Whoever took over gets time to finish.
      else await sleep(500 + Math.random() * 2_000)
    }
  }
  return results
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const workOff = async (queue: Pending[], { kafka, operator, force }: HandleOptions, end: (result: Result) => void) => {
  const transactions = await openTransactions(kafka, transactionsId)
  try {
    const box = await readBox({ kafka, topics: [...new Set(queue.map(({ letter }) => letter.topic))] })
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const known = settled(box, next, force)
      if (known !== undefined) {
        end(known)
        continue
      }
      const done = await perform(transactions, next, operator, next.recordId)
      box.log.add(done)
      end({ letterId: next.letter.id, done })
    }
  } finally {
    await transactions.stop().catch(() => {})
  }
}
