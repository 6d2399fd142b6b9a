import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer } from 'node:tls'
import { z } from 'zod'

export interface TlsDoor {
  /** host:port */
  readonly address: string
  close(): void
}

const bound = z.object({ port: z.number() })

/** A door with TLS before a server that has none. `clientCa`: who signs the certificates of those that it lets in; absent: it asks for none. */
export const openTlsDoor = async (
  behind: string,
  { certificate, privateKey }: { readonly certificate: string; readonly privateKey: string },
  { clientCa, protocols }: { readonly clientCa?: string; readonly protocols?: string[] } = {},
): Promise<TlsDoor> => {
  const { hostname, port } = new URL(`tcp://${behind}`)
  const options = {
    ...{ cert: certificate, key: privateKey },
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    ...(protocols !== undefined && { ALPNProtocols: protocols }),
  }
  const door = createServer(options, (client) => {
    const server = connect(Number(port), hostname)
    for (const each of [client, server]) each.on('error', () => [client, server].forEach((one) => void one.destroy()))
    client.pipe(server).pipe(client)
  })
  // Who is not let in is told so.
  door.on('tlsClientError', () => undefined)
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  return { address: `127.0.0.1:${bound.parse(door.address()).port}`, close: () => void door.close() }
}
