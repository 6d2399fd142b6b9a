import type { Addresses } from './addresses.ts'
import { type DeadLetter, documentOf } from './dlq/document.ts'
import { openKafka, readBoxAloud } from './dlq/open.ts'

export type { DeadLetter } from './dlq/document.ts'

/** Reads all dead letters there are, oldest first, with what was done about each. Throws when Kafka does not answer. */
export const readDeadLetters = async (
  where: Pick<Addresses, 'kafkaBrokers' | 'topicPrefix'>,
): Promise<DeadLetter[]> => {
  const box = await readBoxAloud(await openKafka(where))
  return [...box.letters.values()].map((letter) => documentOf(box, letter))
}
