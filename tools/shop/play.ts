import { randomUUID } from 'node:crypto'
import type { Heard, Outside } from './outside.ts'
import { type Asked, orderOf, requestOf, type Scenario } from './scenarios.ts'

/** A public end of a saga. */
export type EndEvent = Extract<Heard, { readonly data: { readonly outcome: string } }>

export const isEnd = (heard: Heard): heard is EndEvent => 'outcome' in heard.data

/** How a scenario went, as the public heard it. */
export interface Played {
  readonly scenario: Scenario
  readonly orderId: string
  readonly requestId: string
  /** The first end that was told. */
  readonly end: EndEvent
  /** Milliseconds from the cancel event to its end, both as seen from outside. */
  readonly ms: number
  /** Everything heard of the order until then. */
  readonly heard: readonly Heard[]
}

/** The merchant's system: answers when it is asked. */
const answerAsMerchant = (outside: Outside, scenario: Scenario, heard: Heard) => {
  if (heard.type !== 'order.cancellation.awaiting-merchant.v1' || scenario.merchant === undefined) return
  const { orderId, requestId, merchantId } = heard.data
  return outside.publish('order.cancel.decided.v1', orderId, {
    requestId,
    orderId,
    decision: scenario.merchant,
    by: merchantId ?? 'merchant',
  })
}

/** The warehouse: keeps every parcel that it is asked to keep. */
export const answerAsWarehouse = (outside: Outside, heard: Heard) => {
  if (heard.type !== 'shipment.changed.v1' || heard.data.hold === undefined) return
  const { orderId, shipmentId, hold: requestId } = heard.data
  const at = new Date().toISOString()
  return outside.publish('shipment.held.v1', orderId, { orderId, shipmentId, requestId, held: true, at })
}

/**
 * Plays a scenario from outside: places its order, publishes its cancel event, answers as its merchant and its warehouse, and resolves with its
 * public end. Throws when none is told within `withinMs`.
 */
export const play = async (
  scenario: Scenario,
  outside: Outside,
  options: {
    readonly withinMs: number
    readonly onHeard?: (heard: Heard) => void
    /** What its carrier's stand-in has of the parcel. */
    readonly inBook?: Asked['inBook']
  },
): Promise<Played> => {
  const orderId = `ord-${scenario.name}-${randomUUID().slice(0, 8)}`
  const requestId = randomUUID()
  const heard: Heard[] = []
  const { promise: end, resolve, reject } = Promise.withResolvers<EndEvent>()
  const mute = outside.listen((event) => {
    if (event.data.orderId !== orderId) return
    heard.push(event)
    options.onHeard?.(event)
    answerAsMerchant(outside, scenario, event)?.catch(reject)
    answerAsWarehouse(outside, event)?.catch(reject)
    if (isEnd(event)) resolve(event)
  })
  const late = setTimeout(
    () => reject(new Error(`expected the end of request ${requestId} of ${orderId} within ${options.withinMs} ms`)),
    options.withinMs,
  )
  try {
    if (scenario.behind !== undefined) await outside.publishRaw(scenario.behind.message(orderId))
    const now = new Date().toISOString()
    await outside.publish('order.placed.v1', orderId, orderOf(scenario, orderId, now))
    const started = performance.now()
    const eventId = randomUUID()
    const request = requestOf(orderId, requestId, now)
    for (let copy = 0; copy < (scenario.copies ?? 1); copy += 1)
      await outside.publish('order.cancel.requested.v1', orderId, request, eventId)
    const { inBook = async () => undefined } = options
    scenario.during?.({ orderId, requestId, outside, inBook }).catch(reject)
    const ended = await end
    return { scenario, orderId, requestId, end: ended, ms: Math.round(performance.now() - started), heard }
  } finally {
    clearTimeout(late)
    mute()
  }
}
