import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from './crc32c.ts'

/** For tests: batches as producers write them, and as nobody should. */
export interface SampleRecord {
  readonly key?: Buffer | string | null
  readonly value?: Buffer | string | null
  readonly headers?: readonly (readonly [string, Buffer | string | null])[]
}

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}

const sized = (bytes: Buffer | string | null | undefined): Buffer => {
  if (bytes === null || bytes === undefined) return varint(-1)
  const content = Buffer.from(bytes)
  return Buffer.concat([varint(content.length), content])
}

const encodeRecord = ({ key, value, headers = [] }: SampleRecord, offsetDelta: number): Buffer =>
  sized(
    Buffer.concat([
      Buffer.from([0]),
      varint(0),
      varint(offsetDelta),
      sized(key),
      sized(value),
      varint(headers.length),
      ...headers.flatMap(([name, content]) => [sized(name), sized(content)]),
    ]),
  )

const compressions = {
  none: { number: 0, compress: (bytes: Buffer) => bytes },
  gzip: { number: 1, compress: gzipSync },
  snappy: { number: 2, compress: (bytes: Buffer) => bytes },
  lz4: { number: 3, compress: (bytes: Buffer) => bytes },
  zstd: { number: 4, compress: (bytes: Buffer) => zstdCompressSync(bytes) },
  unknown: { number: 6, compress: (bytes: Buffer) => bytes },
} as const

export const encodeRecords = (records: readonly SampleRecord[]): Buffer =>
  Buffer.concat(records.map((record, index) => encodeRecord(record, index)))

/** A batch with a checksum that is right. `bytes` are its records as they are (snappy and lz4 are not made here). */
export const encodeBatch = (options: {
  readonly bytes: Buffer
  readonly count: number
  readonly compression?: keyof typeof compressions
  readonly firstOffset?: bigint
}): Buffer => {
  const { number, compress } = compressions[options.compression ?? 'none']
  const header = Buffer.alloc(61)
  const batch = Buffer.concat([header, compress(options.bytes)])
  const now = BigInt(Date.now())
  batch.writeBigInt64BE(options.firstOffset ?? 0n, 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt8(2, 16)
  batch.writeInt16BE(number, 21)
  batch.writeInt32BE(options.count - 1, 23)
  batch.writeBigInt64BE(now, 27)
  batch.writeBigInt64BE(now, 35)
  batch.writeBigInt64BE(-1n, 43)
  batch.writeInt16BE(-1, 51)
  batch.writeInt32BE(-1, 53)
  batch.writeInt32BE(options.count, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

/** A recorded batch as if it had been written just now: what is old enough, the broker deletes. */
export const asOfNow = (recorded: Buffer): Buffer => {
  const batch = Buffer.from(recorded)
  const now = BigInt(Date.now())
  batch.writeBigInt64BE(now - (batch.readBigInt64BE(35) - batch.readBigInt64BE(27)), 27)
  batch.writeBigInt64BE(now, 35)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}
