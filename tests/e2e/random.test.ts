import { setTimeout as sleep } from 'node:timers/promises'
import { remedy, topics } from '@countermand/contracts'
import { type RandomOrder, type RandomRequest, randomOrders } from '@countermand/tools/chaos/random-orders.ts'
import { upstreamHeaders } from '@countermand/tools/shop/outside.ts'
import { orderFrom } from '@countermand/tools/shop/wish.ts'
import type { SystemProcess } from '@countermand/tools/system/processes.ts'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from './shop.ts'
import { startWorld, type World } from './world.ts'

/** `COUNTERMAND_SEED` repeats a run; which process is killed when still depends on the machine's speed. */
const seed = z.coerce
  .number('expected COUNTERMAND_SEED to be a whole number')
  .int()
  .nonnegative()
  .parse(process.env.COUNTERMAND_SEED || Math.floor(Math.random() * 2 ** 31))
const mostOrders = 120
const publishForMs = 6_000
const openAtMost = 250

const merchants = {
  'mer-always': { MERCHANT_APPROVAL: 'always' },
  'mer-credit': { REFUND_FALLBACK: 'store-credit' },
}

let world: World
let shop: Shop
beforeAll(async () => {
  const patience = { INTERCEPT_PATIENCE: '1500ms', MERCHANT_DEADLINE: '500ms', MERCHANT_SILENCE: 'approve' }
  const attempts = { STEP_ATTEMPTS: '3', UNDO_ATTEMPTS: '3', STEP_BACKOFF: '50ms' }
  world = await startWorld(inject('stack'), { ...patience, ...attempts, BLOCKED_CUSTOMERS: 'cus-13' }, merchants)
  shop = openShop(world)
})
afterAll(async () => {
  await world?.stop()
})

const at = async (ms: number, act: () => Promise<unknown>): Promise<void> => {
  await sleep(ms)
  await act()
}

const say = (request: Request, input: NonNullable<RandomRequest['input']>): Promise<void> =>
  input === 'withdraw' ? request.withdraw() : request.decide(input)

/** Publishes an order's story, everything at its own moment. */
const publish = async ({ wish, atMs, requests, news, garbage }: RandomOrder): Promise<void> => {
  const order = orderFrom(wish)
  const { orderId } = order
  const told = requests.map(async ({ lines, refundTo, by, copies, input, inputAtMs, ...asked }) => {
    const initiator = { kind: by }
    const parts = lines === undefined ? {} : { lines: [...lines] }
    const request = await shop.ask(order, { refundTo, initiator, ...parts }, 'later')
    const publishing = Array.from({ length: copies }, () => at(asked.atMs, request.publish))
    await Promise.all([...publishing, ...(input === undefined ? [] : [at(inputAtMs, () => say(request, input))])])
  })
  const headers = upstreamHeaders('order.cancel.requested.v1', orderId)
  await Promise.all([
    at(atMs, () => world.outside.publish('order.placed.v1', orderId, order)),
    ...told,
    ...news.map((each) =>
      at(each.atMs, () =>
        shop.track(order, each.place, each.status, order.shipments[each.place]?.trackingNumber ?? ''),
      ),
    ),
    ...(garbage ? [world.outside.publishRaw({ topic: topics.cancelRequests, key: orderId, headers, value: '{' })] : []),
  ])
}

const status = z.object({ attention: z.object({ step: z.string(), remedies: z.array(remedy) }).optional() })

/** Plays the operator: tries a parked step again, then another destination for the money, then lets it go. */
const resolveParked = async (request: Request, tries: number): Promise<void> => {
  const run = world.temporal.client.workflow.getHandle(request.workflowId)
  const { attention } = status.parse(await run.query('status'))
  if (attention === undefined) return
  const wanted = tries === 0 ? (['retry'] as const) : (['refund-elsewhere', 'retry', 'undo', 'skip'] as const)
  const decision = wanted.find((each) => attention.remedies.includes(each)) ?? 'skip'
  await request.resolve(
    tries > 4 ? 'skip' : decision,
    decision === 'refund-elsewhere' && tries <= 4 ? 'store-credit' : undefined,
  )
}

const open = (): readonly Request[] => shop.requests.filter((request) => endsOf(request).length === 0)

const isParked = (request: Request): boolean =>
  request.heard().some(({ type }) => type === 'order.cancellation.needs-attention.v1')

/** Resolves what parks, until `over`. A saga that goes on by itself meanwhile is no trouble. */
const operate = async (over: AbortSignal): Promise<void> => {
  const tries = new Map<string, number>()
  while (!over.aborted) {
    for (const request of open().filter(isParked)) {
      const before = tries.get(request.requestId) ?? 0
      tries.set(request.requestId, before + 1)
      await resolveParked(request, before).catch(() => undefined)
    }
    await sleep(300)
  }
}

/** Kills these one after the other; each is up again before the next. */
const killEach = async (parts: readonly SystemProcess[]): Promise<void> => {
  for (const part of parts) {
    await sleep(3_000)
    await part.kill('SIGKILL')
    await part.restart()
  }
}

it(`keeps every invariant, whatever is asked, said and killed (COUNTERMAND_SEED=${seed})`, async () => {
  process.stderr.write(`random: COUNTERMAND_SEED=${seed}\n`)
  const over = new AbortController()
  const operator = operate(over.signal)
  const processes = Object.values(world.system.processes)
  const victims = [seed, seed >> 3].flatMap((number) => processes[number % processes.length] ?? [])
  const faults = killEach(victims)

  const until = Date.now() + publishForMs
  const publishing: Promise<void>[] = []
  for (const order of randomOrders(seed, mostOrders)) {
    while (open().length > openAtMost && Date.now() < until) await sleep(20)
    if (Date.now() > until) break
    publishing.push(publish(order))
  }
  await Promise.all([...publishing, faults])

  const lastMoment = Date.now() + 240_000
  while (open().length > 0 && Date.now() < lastMoment) await sleep(100)
  over.abort()
  await operator
  expect(open().map(({ workflowId }) => workflowId)).toEqual([])

  const { violations, requests } = await world.verify()
  expect(violations).toEqual([])
  expect(requests).toBe(shop.requests.length)
  const twice = shop.requests.filter((request) => endsOf(request).length > 1)
  expect(twice.map(({ workflowId }) => workflowId)).toEqual([])
  const reasons = new Set((await world.deadLetters()).map(({ reason }) => reason))
  expect([...reasons].filter((reason) => reason !== 'unreadable-json')).toEqual([])
  const ends = shop.requests.flatMap((request) => endsOf(request).map(({ data }) => data))
  const kinds = Object.groupBy(ends, (end) => ('code' in end ? `${end.outcome} (${end.code})` : end.outcome))
  const counts = Object.entries(kinds).map(([kind, some]) => `${kind} ${some?.length}`)
  const parked = shop.requests.filter(isParked).length
  const summary = `${publishing.length} orders, ${parked} parked, killed ${victims.join(' and ')}; ${counts.join(', ')}`
  process.stderr.write(`random: ${summary}\n`)
}, 400_000)
