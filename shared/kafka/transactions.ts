import { wireHeaders } from './headers.ts'
import type { KafkaConnection, Producer } from './kafka.ts'
import type { OutgoingMessage } from './message.ts'
import { bytesOf } from './wire-text.ts'

/** Where a message came to lie. The topic is named without the prefix. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

export type Send = (message: OutgoingMessage) => Promise<Place>

/** A writer whose messages become visible all together or not at all, to readers that read what is committed, as ours do. */
export interface Transactions {
  /**
   * Throws {@link FencedError} when another process has taken over. After any error it is of no more use, and whether this transaction
   * took place is known only once the next one is open.
   */
  transact<T>(work: (send: Send) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** Another process has opened transactions with the same id: this one's are over. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}

const fenced = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
])

const isFenced = (error: unknown): boolean =>
  error instanceof Error && (('type' in error && fenced.has(String(error.type))) || isFenced(error.cause))

const understood = (error: unknown, id: string): unknown =>
  isFenced(error)
    ? new FencedError(`expected to be the only ${id}, another process took over`, { cause: error })
    : error

const sendWith =
  (kafka: KafkaConnection, transaction: Pick<Producer, 'send'>): Send =>
  async ({ topic, key, value, partition, ...given }) => {
    const plain = { key: bytesOf(key), value, headers: wireHeaders(given) }
    const message = { ...plain, ...(partition === undefined ? {} : { partition }) }
    const [sent] = await transaction.send({ topic: `${kafka.prefix}${topic}`, messages: [message], acks: -1 })
    if (sent?.baseOffset === undefined || Number(sent.baseOffset) < 0)
      throw new Error(`expected the broker to say where on ${topic} it put a message, got ${sent?.baseOffset}`)
    return { topic, partition: sent.partition, offset: sent.baseOffset }
  }

/**
 * Opens transactions under an id (the prefix is added). What another process has begun under it is aborted, and nothing that it does from
 * now on counts: what is read after this call is the truth until `transact` throws.
 */
export const openTransactions = async (kafka: KafkaConnection, id: string): Promise<Transactions> => {
  const producer = kafka.transactionalProducer(id)
  await producer.connect()
  // kafkajs asks for the id's epoch when the first transaction begins; an empty one costs nothing else.
  await (await producer.transaction()).abort()
  return {
    transact: async (work) => {
      const transaction = await producer.transaction()
      try {
        const result = await work(sendWith(kafka, transaction))
        await transaction.commit()
        return result
      } catch (error) {
        if (transaction.isActive()) await transaction.abort().catch(() => {})
        throw understood(error, id)
      }
    },
    stop: () => producer.disconnect(),
  }
}
