import { crc32c } from './crc32c.ts'
import { decompress } from './decompress.ts'
import { type RawRecord, type RecordHeaders, readRecords } from './records.ts'
import { Undecodable } from './undecodable.ts'

/** What a batch says of all its records, as kafkajs wants it. */
interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly partitionLeaderEpoch: number
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffsetDelta: number
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly maxTimestamp: string
  /** 1: all have the time at which the broker took them, the largest. */
  readonly timestampType: number
  readonly magicByte: number
}

/** A record, as kafkajs wants it. */
export interface DecodedRecord {
  readonly magicByte: number
  readonly attributes: number
  readonly timestamp: string
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: RecordHeaders
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
  /** Set of the one record that stands for a batch which cannot be read, in words; its value is the whole batch. */
  readonly damage?: string
}

export interface DecodedBatch extends BatchContext {
  readonly records: readonly DecodedRecord[]
  /** How many bytes its records took before they were compressed. */
  readonly bytes: number
}

/** Compressed, a record takes next to nothing; in memory it takes hundreds of bytes. */
export const mostRecords = 50_000
/** Of the records of one batch, once decompressed. */
export const mostBytes = 16 * 1_048_576

const prefixBytes = 12
const headerBytes = 61
const checkedFrom = 21

const contextOf = (batch: Buffer): BatchContext => {
  const attributes = batch.readInt16BE(21)
  return {
    firstOffset: batch.readBigInt64BE(0).toString(),
    partitionLeaderEpoch: batch.readInt32BE(12),
    magicByte: batch.readInt8(16),
    timestampType: (attributes & 0x08) === 0 ? 0 : 1,
    inTransaction: (attributes & 0x10) !== 0,
    isControlBatch: (attributes & 0x20) !== 0,
    lastOffsetDelta: batch.readInt32BE(23),
    firstTimestamp: batch.readBigInt64BE(27).toString(),
    maxTimestamp: batch.readBigInt64BE(35).toString(),
    producerId: batch.readBigInt64BE(43).toString(),
    producerEpoch: batch.readInt16BE(51),
    firstSequence: batch.readInt32BE(53),
  }
}

const after = (first: string, delta: number): string => String(BigInt(first) + BigInt(delta))

const toDecoded =
  (context: BatchContext) =>
  ({ offsetDelta, timestampDelta, key, value, headers }: RawRecord): DecodedRecord => ({
    magicByte: context.magicByte,
    attributes: 0,
    timestamp: context.timestampType === 1 ? context.maxTimestamp : after(context.firstTimestamp, timestampDelta),
    offset: after(context.firstOffset, offsetDelta),
    ...{ key, value, headers },
    isControlRecord: context.isControlBatch,
    batchContext: context,
  })

const readAll = async (batch: Buffer): Promise<{ readonly records: RawRecord[]; readonly bytes: number }> => {
  const [told, found] = [batch.readUInt32BE(17), crc32c(batch.subarray(checkedFrom))]
  if (told !== found)
    throw new Undecodable(`expected the checksum ${told.toString(16)}, got ${found.toString(16)}: it is damaged`)
  const count = batch.readInt32BE(57)
  if (count < 0 || count > mostRecords)
    throw new Undecodable(`expected at most ${mostRecords} messages in a batch, got ${count}`)
  const plain = await decompress(batch.readInt16BE(21) & 7, batch.subarray(headerBytes), mostBytes)
  return { records: await readRecords(plain, count), bytes: plain.length }
}

/** One record in place of all: kafkajs would give up the whole consumer, and read the batch again for ever. */
const stillToBeTold = (batch: Buffer, context: BatchContext, error: Undecodable): DecodedRecord => {
  const [first, last] = [context.firstOffset, after(context.firstOffset, context.lastOffsetDelta)]
  const where = first === last ? `the batch at offset ${first}` : `the batch of offsets ${first} to ${last}`
  return {
    ...toDecoded(context)({
      offsetDelta: context.lastOffsetDelta,
      timestampDelta: 0,
      key: null,
      // A copy, since what came with it would be held in memory by it.
      value: Buffer.from(batch),
      headers: {},
    }),
    damage: `${where} cannot be read: ${error.message}`,
  }
}

/** How long the batch at the beginning of these bytes is; `undefined`: it is not all there. */
export const batchLength = (bytes: Buffer): number | undefined => {
  if (bytes.length < headerBytes) return undefined
  const length = prefixBytes + bytes.readInt32BE(8)
  return length < headerBytes || length > bytes.length ? undefined : length
}

/** Reads a whole record batch of Kafka's format of today, whatever it is compressed with. */
export const decodeBatch = async (batch: Buffer): Promise<DecodedBatch> => {
  const context = contextOf(batch)
  try {
    const { records, bytes } = await readAll(batch)
    return { ...context, records: records.map(toDecoded(context)), bytes }
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error
    return { ...context, records: [stillToBeTold(batch, context, error)], bytes: batch.length }
  }
}
