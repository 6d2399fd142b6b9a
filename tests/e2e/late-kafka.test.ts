import { type ChildProcess, spawn } from 'node:child_process'
import { connect, createServer, type Server } from 'node:net'
import { topicPlan } from '@countermand/contracts'
import { ensureTopics } from '@countermand/kafka'
import { eventually } from '@countermand/testing'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { programOf } from '@countermand/tools/system/processes.ts'
import { afterEach, expect, inject, it } from 'vitest'
import { freshDatabases } from './world.ts'

let child: ChildProcess | undefined
let door: Server | undefined
afterEach(() => {
  child?.kill('SIGKILL')
  door?.close()
})

/** Lets clients in by a port that nothing listened on before; the broker then tells them its own. */
const openDoor = (port: number, broker: string): Server => {
  const { hostname, port: to } = new URL(`http://${broker}`)
  return createServer((client) => {
    const server = connect(Number(to), hostname)
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  }).listen(port, '127.0.0.1')
}

it('a service that is started before Kafka waits for it, and is ready once it answers', async () => {
  const stack = inject('stack')
  const databases = await freshDatabases(stack)
  const [port, kafka] = [await freePort(), await freePort()]
  const prefix = `late-${port}.`
  await ensureTopics({ brokers: stack.kafkaBrokers.split(',') }, topicPlan(), { prefix, partitions: 1, replication: 1 })
  const env = {
    PATH: process.env.PATH,
    KAFKA_BROKERS: `127.0.0.1:${kafka}`,
    KAFKA_TOPIC_PREFIX: prefix,
    ORDER_DATABASE_URL: databases.urls.order,
    ORDER_HTTP_PORT: String(port),
  }
  const started = spawn(process.execPath, [programOf('order')], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let said = ''
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  const askedAgain = () => said.split('does not answer, it is tried again').length > 4
  await eventually('the service to ask Kafka again and again', () => askedAgain() || started.exitCode !== null, 60_000)
  expect(started.exitCode, said).toBeNull()
  const isReady = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status === 200)
  expect(await isReady()).toBe(false)

  door = openDoor(kafka, stack.kafkaBrokers)
  await eventually('the service to read from Kafka', () => said.includes('order service is up'), 60_000)
  await databases.drop()
}, 150_000)
