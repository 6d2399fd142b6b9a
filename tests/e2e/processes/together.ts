import { readFile } from 'node:fs/promises'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { eventually } from '@countermand/testing'
import { processNames } from '@countermand/tools/system/processes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Shop } from '../shop.ts'
import { world } from './system.ts'
import { listenForWebhooks, signatureOf } from './webhooks.ts'

describe('our processes together', () => {
  let shop: Shop
  beforeAll(() => {
    shop = openShop(world)
  })

  it.for(processNames)('%s serves health, readiness and metrics', async (name) => {
    const get = (path: string) => fetch(`${world.system.http[name]}${path}`)
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    expect(await (await get('/metrics')).text()).toContain('# TYPE')
  })

  it('a shop that speaks HTTP alone has an order cancelled, and is told of it to its money', async () => {
    const listening = await listenForWebhooks()
    const made = await world.saga(
      'key',
      'create',
      '--name',
      'acme',
      '--scope',
      'merchant,checkout',
      '--merchant',
      'mer-3',
      '--json',
    )
    const { key } = z.object({ key: z.string() }).parse(JSON.parse(made.stdout))
    expect((await world.saga('key', 'list')).stdout).toMatch(/^[0-9a-f]{16} {2}acme {2}merchant,checkout {2}mer-3$/m)
    const headers = {
      ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'once' },
    }
    const post = (path: string, body: unknown) =>
      fetch(`${world.shop}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const endpoint = await post('/v1/webhook-endpoints', { url: listening.url })
    const { id, secret } = z.object({ id: z.string(), secret: z.string() }).parse(await endpoint.json())
    const [orderId, placedAt] = ['ord-by-http', new Date().toISOString()]
    expect((await post('/v1/orders', { ...exampleOrder, orderId, placedAt })).status).toBe(202)
    await eventually('the order to be known', async () => {
      const { status } = await fetch(`${world.shop}/v1/orders/${orderId}`, { headers })
      return status === 200
    })
    const asked = await post(`/v1/orders/${orderId}/cancellations`, { reason: { code: 'changed-mind' } })
    const path = asked.headers.get('location') ?? expect.fail(await asked.text())
    const told = await (await fetch(`${world.shop}${path}/events`, { headers })).text()
    expect(told).toMatch(/"summary":"Cancelled\. €33\.51 in all\. €33\.51 to your card: there since/)
    expect(told).toMatch(/event: end\n/)
    expect((await post(`${path}/withdrawal`, undefined)).status).toBe(409)
    const order = z.object({ status: z.string() })
    const now = await fetch(`${world.shop}/v1/orders/${orderId}`, { headers })
    expect(order.parse(await now.json()).status).toBe('cancelled')
    await eventually('all of it to be told', () => listening.came.some(({ type }) => type.endsWith('.completed.v1')))
    const types = listening.came.map(({ type }) => type)
    expect(types[0]).toBe('order.cancellation.started.v1')
    expect(types).toContain('refund.succeeded.v1')
    for (const each of listening.came) {
      expect(each.orderId).toBe(orderId)
      expect(each.signature).toBe(signatureOf(each, secret))
    }
    expect(new Set(listening.came.map((each) => each.id)).size).toBe(types.length)
    expect((await world.saga('webhook', 'test', id)).code).toBe(0)
    await eventually('the test', () => listening.came.some(({ type }) => type === 'webhook.test'))
    await eventually('it to be known', async () =>
      (await world.saga('webhook', 'deliveries', id)).stdout.match(
        /webhook[.]test {2}- {2}delivered {2}tries 1 {2}204/,
      ),
    )
    expect((await world.saga('webhook', 'list')).stdout).toMatch(`${id}  ${listening.url}  mer-3  0 waiting\n`)
    const { stdout } = await world.saga('webhook', 'deliveries', id, '--json')
    const [, last] = z.array(z.object({ id: z.string() })).parse(JSON.parse(stdout))
    expect((await world.saga('webhook', 'redeliver', id, last?.id ?? '')).code).toBe(0)
    await eventually('one again', () => listening.came.length === types.length + 2)
    await listening.close()
    expect((await world.saga('key', 'revoke', key.slice(4, 20))).code).toBe(0)
    expect((await fetch(`${world.shop}${path}`, { headers })).status).toBe(401)
  })

  describe('under load', () => {
    const references = ['pay_ok', 'pay_slow_300', 'pay_flaky_1', 'pay_lost_1']
    let loaded = true
    let load: Promise<unknown[]>

    /** One request after the other, each of an order of its own, until the last process has ended and is back. */
    const orderAndCancel = async (nth: number) => {
      for (let turn = 0; loaded; turn++) {
        const ref = references[(nth + turn) % references.length] ?? 'pay_ok'
        const request = await shop.ask(await shop.place({ name: `load-${nth}`, tenders: [{ ref }] }))
        await request.ends(60_000)
      }
    }
    beforeAll(() => {
      load = Promise.all(Array.from({ length: 8 }, (_, nth) => orderAndCancel(nth)))
      load.catch(() => {})
    })
    afterAll(() => {
      loaded = false
    })

    it.for(processNames)('%s ends on SIGTERM with all done, and starts again', async (name) => {
      const part = world.system.processes[name] ?? expect.fail(`${name} is off`)
      // Each at another moment of what it does.
      const before = shop.requests.length
      await eventually('it to have work', () => shop.requests.length >= before + 8)
      await part.kill('SIGTERM')
      expect(part.pid).toBeUndefined()
      expect(await readFile(part.logFile, 'utf8')).toContain('"msg":"stopped"')
      await part.restart()
      expect((await fetch(`${world.system.http[name]}/readyz`)).status).toBe(200)
    })

    it('loses and doubles nothing of what was asked meanwhile', async () => {
      loaded = false
      await load
      expect(shop.requests.length).toBeGreaterThanOrEqual(8 * processNames.length)
      for (const request of shop.requests) {
        expect(endsOf(request)).toHaveLength(1)
        expect(endsOf(request)[0]?.data).toMatchObject({ outcome: 'cancelled' })
      }
      expect(await world.deadLetters()).toEqual([])
      expect((await world.verify()).violations).toEqual([])
    })
  })
})
