import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const host = '127.0.0.1'

/** Whether something listens on the port of this machine's loopback address already. */
export const isBusy = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(true)
      else reject(new Error(`port ${port}: expected to be able to listen on it`, { cause: error }))
    })
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)))
  })

const given = new Set<number>()

/**
 * A port that nothing listens on. It is taken from below the range out of which systems give ports to outgoing connections: a part that
 * is killed and started again must find its port free, and a client's reconnection must not have taken it.
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = randomInt(20_000, 32_000)
    if (given.has(port) || (await isBusy(port))) continue
    given.add(port)
    return port
  }
  throw new Error('expected a free port between 20000 and 32000, got none in 200 tries')
}

/** Throws one error that names every busy port and the setting that moves it. */
export const requireFree = async (ports: Readonly<Record<string, number>>): Promise<void> => {
  const checked = await Promise.all(
    Object.entries(ports).map(async ([setting, port]) =>
      (await isBusy(port)) ? `port ${port} (${setting})` : undefined,
    ),
  )
  const busy = checked.filter((entry) => entry !== undefined)
  if (busy.length === 0) return
  throw new Error(
    `${busy.join(' and ')} ${busy.length === 1 ? 'is' : 'are'} in use: stop what listens there (another \`npm start\`?), or set the variable to a free port`,
  )
}
