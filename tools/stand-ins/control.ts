import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Kept, keptIn } from './kept.ts'

/** A stand-in's port beside its API's: by it a test says what goes wrong, and reads the book. */
export const serveControl = (control: Record<string, (body: unknown) => unknown>, kept: Kept = keptIn()): Server =>
  createServer((request: IncomingMessage, response) => {
    const work = async () => {
      const does = control[`${request.method} ${request.url}`]
      if (does === undefined) return void response.writeHead(404).end()
      const body = await text(request)
      const done = await does(body === '' ? undefined : JSON.parse(body))
      if (request.method !== 'GET') kept.save()
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(done ?? null))
    }
    work().catch((error: unknown) => response.writeHead(400).end(String(error)))
  })

/** On which port of this machine it listens. */
export const listen = async (server: Server, port = 0): Promise<number> => {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}
