import { setImmediate as breathe } from 'node:timers/promises'
import type { IncomingMessage } from '@countermand/kafka/message.ts'

/** After as many bytes of messages everything else that waits has its turn: heartbeats, answers of the database, `/healthz`. */
const breathesAfterBytes = 131_072

/** Reads messages one by one, without holding up the process for as long as a large batch takes. */
export const inBreaths = async <Read>(
  messages: readonly IncomingMessage[],
  read: (message: IncomingMessage) => Read,
): Promise<Read[]> => {
  const all: Read[] = []
  let bytes = 0
  for (const message of messages) {
    if (bytes > breathesAfterBytes) {
      await breathe()
      bytes = 0
    }
    all.push(read(message))
    bytes += message.value?.length ?? 0
  }
  return all
}
