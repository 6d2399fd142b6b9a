import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from './ports.ts'
import { freshHome, removeHomes } from './stack-for-tests.ts'
import { type Roads, startToxiproxy } from './toxiproxy.ts'

let echo: Server
let roads: Roads
let port: number
const sockets: Socket[] = []

beforeAll(async () => {
  const home = await freshHome()
  await mkdir(join(home, 'logs'))
  const to = await freePort()
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(to, '127.0.0.1')
  port = await freePort()
  const elsewhere = async () => ({ port: await freePort(), to })
  roads = await startToxiproxy(
    { kafka: { port, to }, temporal: await elsewhere(), postgres: await elsewhere() },
    {
      ...{ home, env: process.env, log: () => undefined, signal: AbortSignal.timeout(120_000) },
      onCrash: (error) => {
        throw error
      },
    },
  )
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await roads?.part.stop()
  echo?.close()
  await removeHomes()
})

const open = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

/** Milliseconds until what was said came back. */
const echoed = async (socket: Socket, withinMs = 50_000): Promise<number> => {
  const started = performance.now()
  const back = once(socket, 'data', { signal: AbortSignal.timeout(withinMs) })
  socket.write('hello')
  await back
  return performance.now() - started
}

test('a road that is cut breaks connections and takes no new ones, until it is mended', async () => {
  const socket = await open()
  await echoed(socket)
  const closed = once(socket, 'close')
  await roads.kafka.cut()
  await closed
  await expect(open()).rejects.toThrow('ECONNREFUSED')
  await roads.mend()
  await echoed(await open())
})

test('a road that hangs keeps connections and carries nothing, until it is mended', async () => {
  const socket = await open()
  await echoed(socket)
  await roads.kafka.hang()
  await expect(echoed(socket, 500)).rejects.toThrow()
  expect(socket.destroyed).toBe(false)
  await roads.mend()
  await echoed(await open())
})

test('a road may be long, and narrow', async () => {
  await roads.kafka.delay(200, 0)
  expect(await echoed(await open())).toBeGreaterThanOrEqual(390)
  await roads.mend()
  await roads.kafka.slow(1)
  const socket = await open()
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  const started = performance.now()
  socket.write(Buffer.alloc(4_000))
  await expect.poll(() => received, { timeout: 55_000 }).toBe(4_000)
  // A kilobyte a second: however slow this machine is, it never took less time.
  expect(performance.now() - started).toBeGreaterThan(2_000)
  await roads.mend()
})
