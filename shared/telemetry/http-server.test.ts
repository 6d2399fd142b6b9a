import { afterEach, expect, test } from 'vitest'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { createMetrics } from './metrics.ts'

const open: HttpServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const start = async (readiness: () => Promise<string[]> | string[] = () => [], notes: () => string[] = () => []) => {
  const metrics = createMetrics()
  const server = await startHttpServer({ port: 0, registry: metrics.registry, readiness, notes })
  open.push(server)
  const get = async (path: string) => {
    const response = await fetch(server.url + path)
    return { status: response.status, body: await response.text() }
  }
  return { metrics, server, get }
}

test('is healthy as soon as it answers', async () => {
  const { get } = await start(() => ['the consumer has not joined its group'])
  expect(await get('/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' })
})

test('is ready when nothing speaks against it', async () => {
  const { get } = await start(async () => [])
  expect(await get('/readyz')).toEqual({ status: 200, body: '{"status":"ready"}' })
})

test('says in words what is out of the ordinary though it is ready', async () => {
  const { get } = await start(
    () => [],
    () => ['intake is paused'],
  )
  expect(await get('/readyz')).toEqual({ status: 200, body: '{"status":"ready","notes":["intake is paused"]}' })
})

test('says in words why it is not ready', async () => {
  const { get } = await start(() => ['the consumer has not joined its group'])
  const { status, body } = await get('/readyz')
  expect(status).toBe(503)
  expect(JSON.parse(body)).toEqual({ status: 'not-ready', reasons: ['the consumer has not joined its group'] })
})

test('is not ready when readiness itself fails', async () => {
  const { get } = await start(() => {
    throw new Error('the database is away')
  })
  const { status, body } = await get('/readyz')
  expect(status).toBe(503)
  expect(JSON.parse(body)).toEqual({ status: 'not-ready', reasons: ['the database is away'] })
})

test('answers within two seconds, also when what it asks does not answer, and says each reason once', async () => {
  const { get } = await start(() => new Promise(() => {}))
  expect(JSON.parse((await get('/readyz')).body)).toMatchObject({
    reasons: ['expected all parts to answer within 1900 ms'],
  })
  const twice = await start(() => ['kafka: away', 'kafka: away'])
  expect(JSON.parse((await twice.get('/readyz')).body)).toMatchObject({ reasons: ['kafka: away'] })
})

test('tells in its metrics whether it is ready', async () => {
  let reasons = ['the broker is away']
  const { get } = await start(() => reasons)
  expect((await get('/metrics')).body).toContain('countermand_ready 0')
  reasons = []
  expect((await get('/metrics')).body).toContain('countermand_ready 1')
})

test('serves the metrics of the process and those that were made', async () => {
  const { metrics, get } = await start()
  metrics
    .counter({ name: 'commands_total', help: 'commands by type', labelNames: ['type'] })
    .inc({ type: 'SetStockAside' }, 2)
  metrics.gauge({ name: 'outbox_rows', help: 'rows not yet published' }).set(7)
  metrics.histogram({ name: 'batch_seconds', help: 'time of a batch', buckets: [0.01, 0.1] }).observe(0.05)
  const { status, body } = await get('/metrics')
  expect(status).toBe(200)
  expect(body).toContain('commands_total{type="SetStockAside"} 2')
  expect(body).toContain('outbox_rows 7')
  expect(body).toContain('batch_seconds_bucket{le="0.1"} 1')
  expect(body).toContain('process_cpu_seconds_total')
})

test('knows no other path', async () => {
  const { get } = await start()
  const { status, body } = await get('/admin?x=1')
  expect(status).toBe(404)
  expect(JSON.parse(body)).toEqual({ error: 'expected /healthz, /readyz or /metrics, got /admin' })
})

test('names the port that another process has', async () => {
  const { server, metrics } = await start()
  await expect(startHttpServer({ port: server.port, registry: metrics.registry, readiness: () => [] })).rejects.toThrow(
    `expected port ${server.port} of 127.0.0.1 to be free`,
  )
})

test('listens no more once closed', async () => {
  const { server } = await start()
  open.pop()
  await server.close()
  await expect(fetch(server.url)).rejects.toThrow()
})
