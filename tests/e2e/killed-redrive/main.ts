/**
 * Redrives the letter `LETTER` and kills itself on the way: `KILL_AT` names a request to Kafka by its API key, how manieth of these it is,
 * and whether it dies `before` it is sent or right `after`. For dead-letters.test.ts.
 */
import { connect } from 'node:net'
import { connectKafka } from '@countermand/kafka'
import { readBox } from '@countermand/workflows/operations/dead-letters/box.ts'
import { letterNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { handleLetters } from '@countermand/workflows/operations/dead-letters/handle.ts'
import { messageOf } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { z } from 'zod'

const env = z
  .object({ BROKERS: z.string(), PREFIX: z.string(), LETTER: z.string(), KILL_AT: z.string() })
  .parse(process.env)
const [apiKey, nth, when] = env.KILL_AT.split(':')
let seen = 0

const die = () => process.kill(process.pid, 'SIGKILL')

/** A request begins with its length (4 bytes) and its API key (2). */
const isMet = (request: unknown): boolean => {
  if (!Buffer.isBuffer(request) || request.readInt16BE(4) !== Number(apiKey)) return false
  seen += 1
  return seen === Number(nth)
}

const kafka = connectKafka({
  brokers: env.BROKERS.split(','),
  clientId: 'killed',
  prefix: env.PREFIX,
  socketFactory: ({ host, port, onConnect }) => {
    const socket = connect(port, host, onConnect)
    const write = socket.write.bind(socket)
    socket.write = (request: Uint8Array | string, ...rest: unknown[]) => {
      const met = isMet(request)
      if (met && when === 'before') die()
      const written = met ? write(request, die) : write(request)
      void rest
      return written
    }
    return socket
  },
})
const letter = letterNamed(await readBox({ kafka }), env.LETTER)
const redrive = { message: messageOf(letter), redrives: 1 }
await handleLetters({ kafka, tasks: [{ letter, redrive }], operator: { by: 'killed' }, force: false })
