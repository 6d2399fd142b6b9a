import { createRequire } from 'node:module'
import { batchLength, type DecodedBatch, decodeBatch, mostBytes } from './decode.ts'

/** Of kafkajs: the bytes of a partition, and how far they are read. */
interface FetchDecoder {
  readonly buffer: Buffer
  offset: number
}

/** kafkajs takes this name for the end of what the broker has sent: the last batch may be cut off. */
const cutOff = (): Error => Object.assign(new Error('expected a whole batch'), { name: 'KafkaJSPartialMessageError' })

/** What has come out of a partition's bytes so far. */
const decodedBytes = new WeakMap<FetchDecoder, number>()

const decodeNext = async (decoder: FetchDecoder): Promise<DecodedBatch> => {
  const rest = decoder.buffer.subarray(decoder.offset)
  const length = batchLength(rest)
  const before = decodedBytes.get(decoder) ?? 0
  // What is left is fetched again when this is done: many batches that are small as they come could fill the memory together.
  if (length === undefined || before > mostBytes) throw cutOff()
  decoder.offset += length
  const batch = await decodeBatch(rest.subarray(0, length))
  decodedBytes.set(decoder, before + batch.bytes)
  return batch
}

const require = createRequire(import.meta.url)

/**
 * Puts our decoder of record batches in the place of kafkajs' own, which knows of gzip alone, has no limits, does not look at checksums,
 * copies the headers of a message for each of them, and gives up the consumer for a batch that it cannot read, to meet it again at once.
 * kafkajs has no door for this. It takes its modules as it is loaded: this has to come before.
 */
export const installDecoder = (): void => {
  const path = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder')
  require(path)
  const module = require.cache[path]
  if (module === undefined) throw new Error("expected kafkajs' decoder of record batches, got none")
  module.exports = decodeNext
}
