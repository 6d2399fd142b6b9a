/**
 * Headers one by one: each name as it is spelt, as often as it is there. Their texts say every byte: what is no UTF-8 is there as
 * halves of surrogate pairs (see `wire-text.ts`).
 */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** A message to publish. Topics are named without the prefix. */
export interface OutgoingMessage {
  readonly topic: string
  readonly key: Buffer | string | null
  readonly value: Buffer | string | null
  readonly headers: Readonly<Record<string, string>>
  /** Sent instead of `headers`, where these do not say it all: the message of somebody else, as it came. */
  readonly headerList?: HeaderList
  /** Absent: chosen by the key. */
  readonly partition?: number
}

/** A message as it came. The topic is named without the prefix. */
export interface IncomingMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly value: Buffer | null
  /** By their names in small letters; of several with one name, the first. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent: `headers` says it all. */
  readonly headerList?: HeaderList
  /** It stands for a batch of messages that cannot be read: why, in words. Its value is the whole batch. */
  readonly damage?: string
  /** ISO 8601: its time in Kafka. */
  readonly arrivedAt?: string
}

/** The database, the broker or Temporal is away: nobody's message is at fault, and the work is tried again. */
export class InfrastructureError extends Error {
  override readonly name = 'InfrastructureError'
}
