import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { decodeLz4 } from './lz4.ts'
import { decodeSnappy } from './snappy.ts'
import { Undecodable } from './undecodable.ts'

interface Codec {
  readonly name: string
  readonly decode: (compressed: Buffer, most: number) => Promise<Buffer> | Buffer
}

const gunzipped = promisify(gunzip)
const zstdDecompressed: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer> =
  promisify(zstdDecompress)

/** By the number that a batch gives for it. */
const codecs: Readonly<Record<number, Codec>> = {
  0: { name: 'none', decode: (bytes) => bytes },
  1: { name: 'gzip', decode: (bytes, most) => gunzipped(bytes, { maxOutputLength: most }) },
  2: { name: 'snappy', decode: decodeSnappy },
  3: { name: 'lz4', decode: decodeLz4 },
  4: { name: 'zstd', decode: (bytes, most) => zstdDecompressed(bytes, { maxOutputLength: most }) },
}

const reasonOf = (error: unknown, name: string, most: number): string => {
  if (error instanceof Undecodable) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
    return `expected at most ${most} bytes, got more compressed with ${name}`
  return `expected ${name}, got bytes that are none: ${error instanceof Error ? error.message : error}`
}

/** The bytes before they were compressed, at most so many: a few kilobytes can stand for gigabytes. Throws {@link Undecodable}. */
export const decompress = async (codecNumber: number, compressed: Buffer, most: number): Promise<Buffer> => {
  const codec = codecs[codecNumber]
  if (codec === undefined) {
    const known = Object.values(codecs).map(({ name }) => name)
    throw new Undecodable(`expected a compression of ${known.join(', ')}, got number ${codecNumber}`)
  }
  try {
    return await codec.decode(compressed, most)
  } catch (cause) {
    throw new Undecodable(reasonOf(cause, codec.name, most), { cause })
  }
}
