import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CancelRequested, eventHeaders, type ShipmentStatus, sagaId, topics } from '@countermand/contracts'
import { type Game, openGame } from './game.ts'
import { attend } from './operator.ts'
import type { Orchestrator } from './orchestrator.ts'
import type { Interruption, Scenario } from './scenario.ts'
import type { Shop } from './shop.ts'

/** What one scenario came to. */
export interface Played {
  readonly scenario: Scenario
  readonly shop: Shop
  /** One of each id: the first that was published. */
  readonly requests: readonly CancelRequested[]
  /** Workflow ids that did not come to their end in time, with what they wait for. */
  readonly stuck: readonly string[]
}

/** The moments of the random orders are those of whole processes; here everything is nearer. */
const nearer = 4

const at = async (milliseconds: number, act: () => unknown): Promise<void> => {
  await sleep(milliseconds / nearer)
  await act()
}

/** Publishes cancel events; those of one order are read one after the other. */
const upstreamOf = ({ orchestrator, scenario, shop }: Game) => {
  const { orderId } = shop
  let reading = Promise.resolve()
  const publish = (type: string, data: object, id: string): Promise<void> => {
    const headers = eventHeaders({ id, source: 'upstream', type, time: new Date().toISOString(), subject: orderId })
    const message = { topic: topics.cancelRequests, key: orderId, value: JSON.stringify(data), headers }
    reading = reading
      .then(() => orchestrator.take(message, scenario.lane))
      .catch((error: unknown) => void shop.errors.push(error))
    return reading
  }
  return {
    ask: (request: CancelRequested, id: string) => publish('order.cancel.requested.v1', request, id),
    say: (requestId: string, input: 'withdraw' | 'approve' | 'reject') =>
      input === 'withdraw'
        ? publish('order.cancel.withdrawn.v1', { orderId, requestId, by: 'cus-7' }, randomUUID())
        : publish('order.cancel.decided.v1', { orderId, requestId, decision: input, by: 'mer-3' }, randomUUID()),
  }
}

/** The carrier's news of the order's parcel in this place. */
const track = ({ shop }: Game, place: number, status: ShipmentStatus): void => {
  const parcel = shop.placed.shipments[place]
  if (parcel === undefined) return
  const { shipmentId, carrier, trackingNumber } = parcel
  const moment = new Date(shop.clock.now()).toISOString()
  if (status === 'returning') shop.turnRound(shipmentId)
  const news = { shipmentId, orderId: shop.orderId, carrier, trackingNumber, status, at: moment }
  shop.tell('shipment.updated.v1', news, randomUUID())
}

/** As an operator does in the Temporal UI. */
const reset = async ({ client }: Orchestrator, workflowId: string, place: number): Promise<void> => {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes)
  const eventId = tasks[Math.min(place, tasks.length - 1)]?.eventId
  if (eventId == null) return
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    reason: 'the test wants to know',
    workflowTaskFinishEventId: eventId,
    requestId: randomUUID(),
  })
}

const interrupt = async (game: Game, { kind, of, place }: Interruption): Promise<void> => {
  const requestId = game.requests[of]?.requestId
  if (requestId === undefined) return
  const workflowId = sagaId(game.shop.orderId, requestId)
  const run = game.orchestrator.client.workflow.getHandle(workflowId)
  switch (kind) {
    case 'withdraw':
      return upstreamOf(game).say(requestId, 'withdraw')
    case 'cancel':
      await run.cancel()
      return
    case 'reset':
      return reset(game.orchestrator, workflowId, place)
    case 'terminate':
      // Before it holds its order, the sweep could not find it.
      if (game.known(requestId)?.status !== 'holding') return
      game.lost.add(requestId)
      await run.terminate('the test loses it')
  }
}

/** All that befalls the order, everything at its own moment. */
const tell = async (game: Game): Promise<void> => {
  const { scenario, shop, asked } = game
  const { order } = scenario
  const upstream = upstreamOf(game)
  const told = asked.flatMap((request, place) => {
    const wish = order.requests[place]
    if (wish === undefined) return []
    const ask = () => upstream.ask(request, `${request.requestId}-${place}`)
    const { input, copies, atMs, inputAtMs } = wish
    const inputs = input === undefined ? [] : Array.from({ length: scenario.saysTwice ? 2 : 1 }, () => input)
    return [
      ...Array.from({ length: copies }, () => at(atMs, ask)),
      ...inputs.map((each) => at(inputAtMs, () => upstream.say(request.requestId, each))),
    ]
  })
  await Promise.all([
    at(order.atMs, () => scenario.placed && shop.tell('order.placed.v1', shop.placed, shop.orderId)),
    ...told,
    ...order.news.map(({ place, status, atMs }) => at(atMs, () => track(game, place, status))),
  ])
}

/** Until nothing is left to do: what ends may set off work of its own, and that again. Returns what is stuck. */
const untilQuiet = async (game: Game): Promise<string[]> => {
  await game.settled()
  const before = game.laterWork()
  const stuck = await attend(game)
  await game.settled()
  return stuck.length > 0 || game.laterWork() === before ? stuck : untilQuiet(game)
}

export const play = async (orchestrator: Orchestrator, scenario: Scenario): Promise<Played> => {
  const ahead = new Set(scenario.interruptions)
  const interrupting: Promise<void>[] = []
  const game = openGame(orchestrator, scenario, (name, requestId) => {
    for (const each of ahead) {
      if (each.on !== name || game.requests[each.of]?.requestId !== requestId) continue
      ahead.delete(each)
      // What has ended meanwhile cannot be interrupted.
      interrupting.push(interrupt(game, each).catch(() => undefined))
    }
  })
  const { shop, requests } = game
  await tell(game)
  const stuck = await attend(game)
  await Promise.all(interrupting)
  stuck.push(...(await untilQuiet(game)))
  if (scenario.comesBack && scenario.placed) {
    track(game, 0, 'returning')
    stuck.push(...(await untilQuiet(game)))
  }
  if (scenario.redrives) {
    shop.redrive()
    stuck.push(...(await untilQuiet(game)))
  }
  orchestrator.close(shop)
  return { scenario, shop, requests, stuck }
}
