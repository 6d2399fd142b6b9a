import { connect } from 'node:net'
import { connectKafka, type KafkaConnection } from '@countermand/kafka'

/**
 * A connection to Kafka that kills this process on the way: `killAt` names a request by its API key, how manieth of these it is, and whether
 * it dies `before` it is sent or right `after`.
 */
export const dyingKafka = (
  { brokers, prefix }: { readonly brokers: string; readonly prefix: string },
  killAt: string,
): KafkaConnection => {
  const [apiKey, nth, when] = killAt.split(':')
  let seen = 0
  const die = () => process.kill(process.pid, 'SIGKILL')

  /** A request begins with its length (4 bytes) and its API key (2). */
  const isMet = (request: unknown): boolean => {
    if (!Buffer.isBuffer(request) || request.readInt16BE(4) !== Number(apiKey)) return false
    seen += 1
    return seen === Number(nth)
  }

  return connectKafka({
    brokers: brokers.split(','),
    clientId: 'killed',
    prefix,
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
}
