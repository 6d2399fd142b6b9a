import { connect, type Socket } from 'node:net'
import { connectKafka } from '@countermand/kafka'

/** A connection to real Kafka whose sockets a test can cut. */
export const breakableKafka = (brokers: string, prefix: string) => {
  const sockets = new Set<Socket>()
  let isAway = false
  const kafka = connectKafka({
    brokers: brokers.split(','),
    clientId: 'cut-test',
    prefix,
    socketFactory: ({ host, port, onConnect }) => {
      // Nobody listens on the port of discarding.
      const socket = connect({ host, port: isAway ? 9 : port }, onConnect).setNoDelay()
      // A socket that kafkajs has let go of has no listener any more.
      socket.on('error', () => {})
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
  })
  /** Breaks every connection as a reset by the broker would, also between a request and its acknowledgement. */
  const cut = () => {
    for (const socket of sockets) socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  }
  return {
    ...{ kafka, cut },
    /** From now on no connection is taken, until it is back. */
    goAway: () => {
      isAway = true
      cut()
    },
    comeBack: () => {
      isAway = false
    },
  }
}
