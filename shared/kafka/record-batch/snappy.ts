import { copyBack } from './copy-back.ts'
import { Undecodable } from './undecodable.ts'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** The magic, a version and the oldest version that can read it. */
const xerialHeaderBytes = 16

const broken = (what: string): never => {
  throw new Undecodable(`expected snappy, got ${what}`)
}

const lengthOf = (block: Buffer): { readonly length: number; readonly at: number } => {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = block[at] ?? broken('a block without its length')
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { length, at: at + 1 }
  }
  return broken('a block whose length has no end')
}

/** One block, as Google's format describes it. */
const decodeBlock = (block: Buffer, most: number): Buffer => {
  const { length: size, at: start } = lengthOf(block)
  if (size > most) throw new Undecodable(`expected at most ${most} bytes, got ${size} compressed with snappy`)
  const out = Buffer.allocUnsafe(size)
  let from = start
  let to = 0
  const room = (length: number) => {
    if (to + length > size) broken(`more than the ${size} bytes that it tells of`)
  }
  const little = (bytes: number): number => {
    if (from + bytes > block.length) broken('a block that breaks off')
    const value = bytes === 0 ? 0 : block.readUIntLE(from, bytes)
    from += bytes
    return value
  }
  while (from < block.length) {
    const tag = little(1)
    if ((tag & 3) === 0) {
      const short = tag >> 2
      const length = (short < 60 ? short : little(short - 59)) + 1
      room(length)
      if (from + length > block.length) broken('a block that breaks off')
      block.copy(out, to, from, from + length)
      from += length
      to += length
      continue
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset = (tag & 3) === 1 ? ((tag >> 5) << 8) + little(1) : little((tag & 3) === 2 ? 2 : 4)
    room(length)
    if (offset === 0 || offset > to) broken('a copy of what is not there')
    copyBack(out, to, offset, length)
    to += length
  }
  return to === size ? out : broken(`${to} bytes instead of ${size}`)
}

/** Java's library puts blocks into a frame of its own. */
const decodeXerial = (framed: Buffer, most: number): Buffer => {
  const blocks: Buffer[] = []
  let total = 0
  for (let at = xerialHeaderBytes; at < framed.length; ) {
    if (at + 4 > framed.length) broken('a frame that breaks off')
    const length = framed.readInt32BE(at)
    if (length < 0 || at + 4 + length > framed.length) broken('a frame that breaks off')
    const block = decodeBlock(framed.subarray(at + 4, at + 4 + length), most - total)
    total += block.length
    blocks.push(block)
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

/** Snappy as Java's producers frame it, and as librdkafka's leave it. Throws {@link Undecodable}. */
export const decodeSnappy = (compressed: Buffer, most: number): Buffer =>
  compressed.subarray(0, xerialMagic.length).equals(xerialMagic)
    ? decodeXerial(compressed, most)
    : decodeBlock(compressed, most)
