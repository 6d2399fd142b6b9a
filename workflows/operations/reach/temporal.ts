import { connect } from 'node:net'
import { Client } from '@temporalio/client'
import { dataConverter } from '../../src/runs/data-converter.ts'
import { connectTemporal } from '../../src/temporal/connect.ts'
import { securedTemporal } from '../../src/temporal/security.ts'
import type { Addresses } from './addresses.ts'

export interface Temporal {
  readonly client: Client
  close(): Promise<void>
}

/** How long a machine that has too much to do may take; who is not there at all is told of at once. */
const connectTimeout = 30_000

/** Resolves unless nobody listens there: Temporal's client would wait for them. */
const isListenedTo = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const [host, port] = address.split(':')
    if (host === undefined || port === undefined || !/^\d+$/.test(port)) return resolve()
    const socket = connect({ host, port: Number(port) })
    const end = (settle: () => void) => {
      socket.destroy()
      settle()
    }
    socket.setTimeout(connectTimeout, () => end(resolve))
    socket.once('connect', () => end(resolve))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(() => (error.code === 'ECONNREFUSED' ? reject(error) : resolve())),
    )
  })

/** Connects to Temporal; the caller closes it. Throws when nobody listens, or nothing answers within 30 s. */
export const openTemporal = async (
  where: Pick<Addresses, 'temporalAddress' | 'temporalSecurity' | 'namespace'>,
): Promise<Temporal> => {
  const address = where.temporalAddress
  const connection = await isListenedTo(address)
    .then(() => connectTemporal({ address, connectTimeout, ...securedTemporal(where.temporalSecurity) }))
    .catch((cause: unknown) => {
      throw new Error(`expected Temporal to answer on ${address}`, { cause })
    })
  return {
    client: new Client({ connection, namespace: where.namespace, dataConverter }),
    close: () => connection.close(),
  }
}
