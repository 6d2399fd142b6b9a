import { connect, createServer, type Socket } from 'node:net'
import { eventually } from '@countermand/testing'
import { DefaultLogger, NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { savedBundle } from '../../testing/saved-bundle.ts'
import { installRuntime } from './metrics.ts'
import { createPollWatch, pollsAgainWithinMs } from './poll-watch.ts'

/** A way to Temporal that something in between cuts, as balancers do with what is idle. */
const sockets = new Set<Socket>()
const way = createServer((near) => {
  const [host = '', port = ''] = inject('stack').temporalAddress.split(':')
  const far = connect({ host, port: Number(port) })
  for (const socket of [near, far]) {
    sockets.add(socket)
    socket
      .on('error', () => {})
      .on('close', () => {
        for (const each of [near, far]) each.destroy()
      })
  }
  near.pipe(far).pipe(near)
})
const cut = () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
}

let metrics: () => Promise<string>
let connection: NativeConnection
let worker: Worker
let ended: Promise<void>
beforeAll(async () => {
  metrics = await installRuntime(new DefaultLogger('ERROR'))
  await new Promise<void>((listening) => way.listen(0, '127.0.0.1', listening))
  const address = way.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a port of TCP, got ${address}`)
  connection = await NativeConnection.connect({ address: `127.0.0.1:${address.port}` })
  const workflowBundle = await savedBundle()
  worker = await Worker.create({ connection, taskQueue: 'nothing-to-do', workflowBundle })
  ended = worker.run()
}, 60_000)
afterAll(async () => {
  if (worker?.getState() === 'RUNNING') worker.shutdown()
  await ended
  await connection?.close()
  way.close()
  cut()
})

const failures = (text: string) => {
  const found = /^temporal_long_request_failure_total\{[^}]*"PollWorkflowTaskQueue"[^}]*\} (\d+)/m.exec(text)
  return Number(found?.[1] ?? 0)
}

test('a worker with nothing to do, whose connections are cut again and again, polls', async () => {
  let now = 0
  const silentMs = createPollWatch(() => now)
  await eventually('polls', async () => /"PollWorkflowTaskQueue"/.test(await metrics()))
  silentMs(await metrics())
  for (let time = 0; time < 3; time += 1) {
    const before = failures(await metrics())
    // As long as a poll must be held at least to have been one.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    cut()
    await eventually('the polls to fail', async () => failures(await metrics()) > before)
    now += 60_000
    expect(silentMs(await metrics())).toBeLessThan(pollsAgainWithinMs)
  }
})
