import { randomUUID } from 'node:crypto'
import type { Heard, Outside } from './outside.ts'
import { orderOf, requestOf, type Scenario } from './scenarios.ts'

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

/**
 * Plays a scenario from outside: places its order, publishes its cancel event, answers as its merchant, and resolves with its
 * public end. Throws when none is told within `withinMs`.
 */
export const play = async (
  scenario: Scenario,
  outside: Outside,
  options: { readonly withinMs: number; readonly onHeard?: (heard: Heard) => void },
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
    const ended = await end
    return { scenario, orderId, requestId, end: ended, ms: Math.round(performance.now() - started), heard }
  } finally {
    clearTimeout(late)
    mute()
  }
}
