import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AttentionReason,
  type CancelRequested,
  type EventData,
  type PlacedOrder,
  sagaId,
  topics,
} from '@countermand/contracts'
import { type Outside, upstreamHeaders } from '../shop/outside.ts'
import { answerAsWarehouse, type EndEvent, isEnd } from '../shop/play.ts'
import { orderFrom } from '../shop/wish.ts'
import { type Foreseen, foreseenOf } from './foreseen.ts'
import { crowdOrder, plainOrder } from './mix.ts'
import type { RandomOrder, RandomRequest } from './random-orders.ts'

/** Who withdraws, and who decides. */
export const customer = 'cus-7'
export const merchant = 'mer-3'

/** What somebody says about a request, and who. */
export interface Input {
  readonly name: EventData<'order.cancellation.input-rejected.v1'>['input']
  readonly by: string
}

/** What a person does to a saga at the wrong time. Each has a name of its own, which is its update's id too. */
export interface Meddling {
  readonly by: string
  readonly deed: 'settle' | 'withdraw' | 'decide' | 'cancel'
}

/** Who said what was rejected: an event's id says which input it is about, and updates are the meddlers' alone. */
export const rejectedInput = (eventId: string, name: Input['name']): Input => {
  const meddler = /\/input[.]update:([^/]+)$/.exec(eventId)?.[1]
  return { name, by: meddler ?? (name === 'withdraw' ? customer : merchant) }
}

/** A request to cancel that was published, and what the public heard of it. */
export interface Tracked {
  readonly orderId: string
  readonly requestId: string
  readonly workflowId: string
  readonly foreseen: Foreseen
  /** The broker has it. */
  published: boolean
  /** Each with an event id of its own: a consumer drops the others. */
  readonly ends: EndEvent[]
  readonly attention: Set<AttentionReason>
  /** What meddlers did to its saga besides. */
  readonly meddlings: Meddling[]
  /**
   * Inputs of which the public was told that they changed nothing, by event id. One that nobody knew a request to is not among them: it counts
   * when it comes again once the request is known, as it does after a rebalance.
   */
  readonly rejected: Map<string, Input>
}

/** The shop's upstream side: publishes orders and everything about them, and follows what comes of it. */
export interface Load {
  readonly requests: readonly Tracked[]
  /** Messages published that nobody can read: each is a dead letter. */
  readonly garbage: number
  /** Published, and without an end so far. */
  open(): readonly Tracked[]
  /** Publishes orders at this pace while fewer than `atMost` requests are open, until the signal aborts. */
  run(orders: Iterator<RandomOrder>, pace: Pace, signal: AbortSignal): Promise<void>
  /** Publishes so many orders whose merchant decides when it is told to. */
  gather(count: number): Promise<readonly Tracked[]>
  /** The merchant's yes. */
  approve(tracked: Tracked): Promise<void>
  /** One plain order and its request: resolves with its end. */
  probe(): Promise<void>
}

export interface Pace {
  readonly everyMs: number
  readonly atMost: number
}

const initiatorOf = ({ by }: RandomRequest) => ({ kind: by })

const requestOf = (orderId: string, request: RandomRequest): CancelRequested => ({
  requestId: randomUUID(),
  orderId,
  requestedAt: new Date().toISOString(),
  initiator: initiatorOf(request),
  reason: { code: 'changed-mind' },
  refundTo: request.refundTo,
  ...(request.lines === undefined ? {} : { lines: [...request.lines] }),
})

const trackingOf = ({ orderId, shipments }: PlacedOrder, { place, status }: RandomOrder['news'][number]) => {
  const shipment = shipments[place]
  if (shipment === undefined) return undefined
  const { shipmentId, carrier, trackingNumber } = shipment
  const data: EventData<'shipment.updated.v1'> = {
    ...{ shipmentId, orderId, carrier, trackingNumber, status, at: new Date().toISOString() },
  }
  return data
}

/** Keeps the requests that were published, and what the public hears of them. */
const createTracking = (outside: Outside) => {
  const requests: Tracked[] = []
  const byId = new Map<string, Tracked>()
  const endListeners = new Map<string, () => void>()

  outside.listen((heard) => {
    const tracked = 'requestId' in heard.data ? byId.get(heard.data.requestId) : undefined
    if (tracked === undefined) return
    if (heard.type === 'order.cancellation.needs-attention.v1') tracked.attention.add(heard.data.attention.reason)
    if (heard.type === 'order.cancellation.input-rejected.v1' && heard.data.code !== 'unknown-request')
      tracked.rejected.set(heard.id, rejectedInput(heard.id, heard.data.input))
    if (!isEnd(heard)) return
    tracked.ends.push(heard)
    endListeners.get(tracked.requestId)?.()
  })

  return {
    requests,
    track: ({ orderId, requestId }: CancelRequested, foreseen: Foreseen): Tracked => {
      const tracked: Tracked = {
        ...{ orderId, requestId, workflowId: sagaId(orderId, requestId), foreseen },
        ...{ published: false, ends: [], attention: new Set<AttentionReason>(), rejected: new Map(), meddlings: [] },
      }
      requests.push(tracked)
      byId.set(requestId, tracked)
      return tracked
    },
    ended: async (tracked: Tracked): Promise<void> => {
      if (tracked.ends.length > 0) return
      await new Promise<void>((resolve) => endListeners.set(tracked.requestId, resolve))
      endListeners.delete(tracked.requestId)
    },
  }
}

export const createLoad = (outside: Outside): Load => {
  const { requests, track, ended } = createTracking(outside)
  let garbage = 0
  let failed: unknown
  outside.listen((heard) => void answerAsWarehouse(outside, heard)?.catch((error: unknown) => (failed ??= error)))

  const say = ({ orderId, requestId }: Tracked, input: NonNullable<RandomRequest['input']>): Promise<void> =>
    input === 'withdraw'
      ? outside.publish('order.cancel.withdrawn.v1', orderId, { requestId, orderId, by: customer })
      : outside.publish('order.cancel.decided.v1', orderId, { requestId, orderId, decision: input, by: merchant })

  const publishRequest = async (orderId: string, asked: RandomRequest, foreseen: Foreseen): Promise<Tracked> => {
    const { atMs, input, inputAtMs, copies } = asked
    const request = requestOf(orderId, asked)
    const tracked = track(request, foreseen)
    const ask = async () => {
      await sleep(atMs)
      for (let copy = 0; copy < copies; copy += 1) await outside.publish('order.cancel.requested.v1', orderId, request)
      tracked.published = true
    }
    const decide = async () => {
      if (input === undefined) return
      await sleep(inputAtMs)
      await say(tracked, input)
    }
    await Promise.all([ask(), decide()])
    return tracked
  }

  const publishGarbage = async (orderId: string): Promise<void> => {
    garbage += 1
    const headers = upstreamHeaders('order.cancel.requested.v1', orderId)
    await outside.publishRaw({ topic: topics.cancelRequests, key: orderId, headers, value: '{' })
  }

  /** Publishes an order's story, everything at its own moment: some of it before what it is about. */
  const publish = async (random: RandomOrder): Promise<Tracked[]> => {
    const order = orderFrom(random.wish)
    const { orderId } = order
    const foreseen = foreseenOf(random)
    const place = async () => {
      await sleep(random.atMs)
      await outside.publish('order.placed.v1', orderId, order)
    }
    const track = async (news: RandomOrder['news'][number]) => {
      await sleep(news.atMs)
      const data = trackingOf(order, news)
      if (data !== undefined) await outside.publish('shipment.updated.v1', orderId, data)
    }
    // All at once: what fails while another is awaited would end the process, and hide why.
    const [asked] = await Promise.all([
      Promise.all(random.requests.map((request) => publishRequest(orderId, request, foreseen))),
      ...[place(), ...random.news.map(track), ...(random.garbage ? [publishGarbage(orderId)] : [])],
    ])
    return asked
  }

  const open = () => requests.filter(({ published, ends }) => published && ends.length === 0)

  return {
    requests,
    get garbage() {
      return garbage
    },
    open,
    run: async (orders, { everyMs, atMost }, signal) => {
      const publishing: Promise<unknown>[] = []
      while (!signal.aborted) {
        const waiting = requests.length - requests.filter(({ ends }) => ends.length > 0).length
        const next = waiting < atMost ? orders.next() : undefined
        if (next?.done === false) publishing.push(publish(next.value).catch((error: unknown) => (failed ??= error)))
        await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      }
      await Promise.all(publishing)
      if (failed !== undefined) throw failed
    },
    gather: async (count) => (await Promise.all(Array.from({ length: count }, () => publish(crowdOrder())))).flat(),
    approve: (tracked) => say(tracked, 'approve'),
    probe: async () => {
      const [probe] = await publish(plainOrder('probe'))
      if (probe === undefined) throw new Error('expected the probe to ask once, it did not')
      await ended(probe)
    },
  }
}
