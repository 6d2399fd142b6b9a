import { setImmediate as breathe } from 'node:timers/promises'
import { type ByteReader, createByteReader } from './byte-reader.ts'
import { Undecodable } from './undecodable.ts'

/** A header that comes twice has a list. */
export type RecordHeaders = Record<string, Buffer | null | (Buffer | null)[]>

export interface RawRecord {
  /** Counted from the first of its batch. */
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: RecordHeaders
}

/** Somebody else may have to do something meanwhile. */
const breathesAfter = 2_000

const readHeaders = (reader: ByteReader): RecordHeaders => {
  const count = reader.varint()
  if (count < 0) throw new Undecodable(`expected a number of headers, got ${count}`)
  const headers = new Map<string, Buffer | null | (Buffer | null)[]>()
  for (let i = 0; i < count; i++) {
    const name = reader.bytes()?.toString() ?? ''
    const value = reader.bytes()
    const before = headers.get(name)
    if (before === undefined) headers.set(name, value)
    else if (Array.isArray(before)) before.push(value)
    else headers.set(name, [before, value])
  }
  return Object.fromEntries(headers)
}

const readRecord = (bytes: Buffer): RawRecord => {
  const reader = createByteReader(bytes)
  reader.skip(1)
  const timestampDelta = reader.varint()
  const offsetDelta = reader.varint()
  return { timestampDelta, offsetDelta, key: reader.bytes(), value: reader.bytes(), headers: readHeaders(reader) }
}

/** The records of a batch, which says how many they are. Throws {@link Undecodable}. */
export const readRecords = async (bytes: Buffer, count: number): Promise<RawRecord[]> => {
  const reader = createByteReader(bytes)
  const records: RawRecord[] = []
  while (records.length < count) {
    const record = reader.bytes()
    if (record === null) throw new Undecodable('expected a record, got none')
    records.push(readRecord(record))
    if (records.length % breathesAfter === 0) await breathe()
  }
  if (!reader.done()) throw new Undecodable(`expected ${count} records, got more`)
  return records
}
