import type { KafkaAddresses } from '../reach/addresses.ts'
import { type ReadOptions, readBox } from './box.ts'
import { type DeadLetter, documentOf } from './document.ts'
import { openKafka } from './open.ts'

/** Reads all dead letters there are, oldest first, with what was done about each. Throws when Kafka does not answer. */
export const readDeadLetters = async (
  where: KafkaAddresses,
  onProgress?: ReadOptions['onProgress'],
): Promise<DeadLetter[]> => {
  const box = await readBox({ kafka: await openKafka(where), ...(onProgress === undefined ? {} : { onProgress }) })
  return [...box.letters.values()].map((letter) => documentOf(box, letter))
}
