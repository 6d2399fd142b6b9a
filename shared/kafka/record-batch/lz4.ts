import { copyBack } from './copy-back.ts'
import { Undecodable } from './undecodable.ts'

const frameMagic = 0x184d2204
const shortestCopy = 4

const broken = (what: string): never => {
  throw new Undecodable(`expected lz4, got ${what}`)
}

/** Where the bytes are read, and where they are written. */
interface Work {
  readonly input: Buffer
  at: number
  out: Buffer
  to: number
  readonly most: number
}

const need = (work: Work, bytes: number, end = work.input.length) => {
  if (work.at + bytes > end) broken('a frame that breaks off')
}

const makeRoom = (work: Work, bytes: number) => {
  const wanted = work.to + bytes
  if (wanted > work.most) throw new Undecodable(`expected at most ${work.most} bytes, got more compressed with lz4`)
  if (wanted <= work.out.length) return
  const larger = Buffer.allocUnsafe(Math.min(work.most, Math.max(wanted, work.out.length * 2)))
  work.out.copy(larger, 0, 0, work.to)
  work.out = larger
}

/** A length of 15 goes on in bytes of its own, up to one that is not 255. */
const lengthFrom = (work: Work, nibble: number, end: number): number => {
  let length = nibble
  for (let more = nibble === 15; more; ) {
    need(work, 1, end)
    const byte = work.input[work.at++] ?? 0
    length += byte
    more = byte === 255
  }
  return length
}

const copyPlain = (work: Work, length: number, end: number) => {
  need(work, length, end)
  makeRoom(work, length)
  work.input.copy(work.out, work.to, work.at, work.at + length)
  work.at += length
  work.to += length
}

/** Copies of one block may reach into the blocks before it: all of it is one text. */
const decodeBlock = (work: Work, end: number) => {
  while (work.at < end) {
    const token = work.input[work.at++] ?? 0
    copyPlain(work, lengthFrom(work, token >> 4, end), end)
    if (work.at === end) return
    need(work, 2, end)
    const offset = work.input.readUInt16LE(work.at)
    work.at += 2
    const length = lengthFrom(work, token & 15, end) + shortestCopy
    if (offset === 0 || offset > work.to) broken('a copy of what is not there')
    makeRoom(work, length)
    copyBack(work.out, work.to, offset, length)
    work.to += length
  }
}

const readHeader = (work: Work) => {
  need(work, 7)
  if (work.input.readUInt32LE(work.at) !== frameMagic) broken('a frame without its magic number')
  const flags = work.input[work.at + 4] ?? 0
  if (flags >> 6 !== 1) broken(`version ${flags >> 6} of the frame`)
  if ((flags & 1) !== 0) broken('a frame that needs a dictionary')
  // Flags, block size, the size of the content when it is given, and a checksum of these, which Kafka has had wrong in its time.
  work.at += 4 + 2 + ((flags & 8) === 0 ? 0 : 8) + 1
  return { blockChecksum: (flags & 16) !== 0, contentChecksum: (flags & 4) !== 0 }
}

const decodeFrame = (work: Work) => {
  const { blockChecksum, contentChecksum } = readHeader(work)
  for (;;) {
    need(work, 4)
    const size = work.input.readUInt32LE(work.at)
    work.at += 4
    if (size === 0) break
    const length = size & 0x7fffffff
    need(work, length)
    const end = work.at + length
    if (size >>> 31 === 1) copyPlain(work, length, end)
    else decodeBlock(work, end)
    work.at = end + (blockChecksum ? 4 : 0)
  }
  work.at += contentChecksum ? 4 : 0
}

/** LZ4's frames, as Kafka uses them. What is damaged is found by the checksum of the whole batch. Throws {@link Undecodable}. */
export const decodeLz4 = (compressed: Buffer, most: number): Buffer => {
  const out = Buffer.allocUnsafe(Math.min(most, Math.max(compressed.length * 4, 1024)))
  const work: Work = { input: compressed, at: 0, out, to: 0, most }
  do decodeFrame(work)
  while (work.at < compressed.length)
  return work.out.subarray(0, work.to)
}
