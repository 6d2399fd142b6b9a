import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { print, printJsonLine, say } from '../print.ts'
import type { Line } from '../tail/line.ts'

interface Options {
  readonly since?: Date
  readonly json?: true
}

const help = `
What the public is told of cancellations, refunds and parcels, each event once, until Ctrl-C. An id may be that of an order or of
a request, or the beginning of it.`

/** Ends with Ctrl-C, and with whoever ends the process. */
const untilEnded = (): AbortSignal => {
  const over = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort())
  return over.signal
}

/** `saga tail`: the public story, live. */
export const tail: DefineCommand = (program, ended) => {
  program
    .command('tail [id]')
    .description('follows the public story of all orders, or of one, until Ctrl-C')
    .option('--since <duration>', 'first what was told so long ago or less, such as 10m', ago)
    .option('--json', 'prints one JSON document a line')
    .addHelpText('after', help)
    .addHelpText('after', examples('saga tail', 'saga tail ord-1001 --since 1h', 'saga tail --json'))
    .action(async (id: string | undefined, { since, json }: Options) => {
      const signal = untilEnded()
      const [{ connectKafka }, { follow }, { inOrder, isAbout, lineOf, lineText }] = await Promise.all([
        import('@countermand/messaging/kafka.ts'),
        import('../tail/follow.ts'),
        import('../tail/line.ts'),
      ])
      const { kafkaBrokers: brokers, topicPrefix: prefix } = await readAddresses(process.env)
      const told = new Set<string>()
      // What was told before comes by partition: it is sorted first.
      let past: Line[] | undefined = []
      const tell = (line: Line): void => {
        const { text, ...document } = line
        if (json) printJsonLine(document)
        else print(lineText(line))
      }
      await follow({
        ...{ kafka: connectKafka({ brokers, clientId: 'countermand-saga', prefix, retries: 4 }), since, signal },
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
        throw new Error(`expected Kafka on ${brokers.join(', ')} to give the public story: ${words}`, { cause })
      })
      ended(0)
    })
}
