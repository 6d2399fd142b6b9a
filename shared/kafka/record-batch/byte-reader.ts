import { Undecodable } from './undecodable.ts'

/** Reads the records' fields one after the other. Throws {@link Undecodable} rather than read past the end. */
export interface ByteReader {
  /** Whether everything was read. */
  done(): boolean
  skip(bytes: number): void
  /** A signed number of up to 53 bits in 7 bits a byte. */
  varint(): number
  /** As many bytes as the number before them says; `null`: none, which is not the same as no bytes. */
  bytes(): Buffer | null
}

const brokenOff = (): never => {
  throw new Undecodable('expected whole records, got some that break off')
}

export const createByteReader = (buffer: Buffer): ByteReader => {
  let at = 0

  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = buffer[at++] ?? brokenOff()
      // Multiplied, since JavaScript shifts 32 bits only.
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    throw new Undecodable('expected a number of at most ten bytes, got one without an end')
  }

  const skip = (bytes: number) => {
    if (bytes < 0 || at + bytes > buffer.length) brokenOff()
    at += bytes
  }

  return {
    done: () => at >= buffer.length,
    skip,
    varint,
    bytes: () => {
      const length = varint()
      if (length === -1) return null
      const from = at
      skip(length)
      return buffer.subarray(from, at)
    },
  }
}
