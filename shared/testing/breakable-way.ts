import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut, and mended. */
export const breakableWay = async (to: URL) => {
  const open = new Set<Socket>()
  let cut = false
  let held = false
  const server = createServer((socket) => {
    if (cut) return void socket.destroy()
    const other = connect(Number(to.port), to.hostname)
    for (const each of [socket, other]) {
      open.add(each)
      each
        .on('error', () => {})
        .on('close', () => {
          open.delete(each)
          socket.destroy()
          other.destroy()
        })
    }
    socket.pipe(other).pipe(socket)
    if (held) socket.pause()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  const url = new URL(to)
  url.host = `127.0.0.1:${address.port}`
  return {
    url: url.href,
    cut: () => {
      cut = true
      for (const socket of open) socket.destroy()
    },
    /** Nothing goes through any more, and nobody is told. */
    hold: () => {
      held = true
      for (const socket of open) socket.unpipe().pause()
    },
    mend: () => {
      if (held) for (const socket of open) socket.destroy()
      held = false
      cut = false
    },
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
