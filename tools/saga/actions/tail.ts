import { connectKafka } from '@countermand/kafka/kafka.ts'
import { follow } from '@countermand/workflows/operations/follow/follow.ts'
import { clusterOf } from '@countermand/workflows/operations/reach/addresses.ts'
import { print, printJsonLine, say } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'
import type { Line } from '../tail/line.ts'
import { inOrder, isAbout, lineOf, lineText } from '../tail/line.ts'

export interface Options {
  readonly since?: Date
  readonly json?: true
}

/** Ends with Ctrl-C, and with whoever ends the process. */
const untilEnded = (): AbortSignal => {
  const over = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort())
  return over.signal
}

/** Follows the public story until it is ended. */
export const run = async (id: string | undefined, { since, json }: Options): Promise<ExitCode> => {
  const signal = untilEnded()
  const where = await readAddresses(process.env)
  const { topicPrefix: prefix } = where
  const told = new Set<string>()
  // What was told before comes by partition: it is sorted first.
  let past: Line[] | undefined = []
  const tell = (line: Line): void => {
    const { text, ...document } = line
    if (json) printJsonLine(document)
    else print(lineText(line))
  }
  await follow({
    ...{
      kafka: connectKafka({ ...clusterOf(where), clientId: 'countermand-saga', prefix, retries: 4 }),
      since,
      signal,
    },
    onReady: () => say(`[tail] following ${id ?? 'every order'}, until Ctrl-C`),
    onCaughtUp: () => {
      inOrder(past ?? []).forEach(tell)
      past = undefined
    },
    onMessage: (message) => {
      const line = lineOf(message)
      if (line === undefined || told.has(line.id) || !isAbout(line, id)) return
      told.add(line.id)
      if (past === undefined) tell(line)
      else past.push(line)
    },
  }).catch((cause: unknown) => {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`expected Kafka on ${where.kafkaBrokers.join(', ')} to give the public story: ${words}`, { cause })
  })
  return 0
}
