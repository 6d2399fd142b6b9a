import { randomUUID } from 'node:crypto'
import type { Heard, Outside } from '../shop/outside.ts'
import { play } from '../shop/play.ts'
import { requestOf, type Scenario, scenarios } from '../shop/scenarios.ts'

/** A road of the saga whose billable actions are counted. */
export interface Road {
  /** For people. */
  readonly title: string
  readonly scenario: Scenario
  /** The customer withdraws when the merchant is asked; or asks once more, when the order is cancelled. */
  readonly customer?: 'withdraws' | 'asks-again'
}

const demo = (name: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`expected a scenario ${name} of the demo, got none`)
  return found
}
const intercepted = demo('intercepted')
const { merchant: _, ...unanswered } = intercepted

export const straightRoad = 'straight: nothing is packed yet'

export const roads: readonly [Road, ...Road[]] = [
  { title: straightRoad, scenario: demo('unshipped') },
  { title: 'straight: the label is voided', scenario: demo('label-voided') },
  { title: 'straight: the refund takes 3 s', scenario: demo('slow-refund') },
  { title: 'gated: the merchant approves, the carrier takes 3 s', scenario: intercepted },
  { title: 'gated: the merchant rejects', scenario: { ...intercepted, name: 'rejected', merchant: 'reject' } },
  { title: 'gated: the customer withdraws', scenario: { ...unanswered, name: 'withdrawn' }, customer: 'withdraws' },
  { title: 'gated, compensated: the parcel is delivered', scenario: demo('delivered') },
  { title: 'compensated: the refund is refused', scenario: demo('refund-refused') },
  {
    title: 'refused: it is cancelled already',
    scenario: { ...demo('unshipped'), name: 'again' },
    customer: 'asks-again',
  },
]

const withinMs = 60_000

const withdrawWhenAsked = (outside: Outside, heard: Heard): Promise<void> | undefined => {
  if (heard.type !== 'order.cancellation.awaiting-merchant.v1') return undefined
  const { orderId, requestId } = heard.data
  return outside.publish('order.cancel.withdrawn.v1', orderId, { orderId, requestId, by: 'cus-7' })
}

const askAgain = async (outside: Outside, orderId: string): Promise<string> => {
  const request = requestOf(orderId, randomUUID(), new Date().toISOString())
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const mute = outside.listen(({ data }) => {
    if ('outcome' in data && data.requestId === request.requestId) resolve(data.workflowId)
  })
  const late = setTimeout(() => reject(new Error(`expected the end of ${request.requestId}`)), withinMs)
  await outside.publish('order.cancel.requested.v1', orderId, request)
  return promise.finally(() => {
    clearTimeout(late)
    mute()
  })
}

/** Goes the road from outside, and returns the workflow's id when its end was told. */
export const go = async ({ scenario, customer }: Road, outside: Outside): Promise<string> => {
  const failed = Promise.withResolvers<never>()
  const onHeard = (heard: Heard) => {
    if (customer === 'withdraws') withdrawWhenAsked(outside, heard)?.catch(failed.reject)
  }
  const played = await Promise.race([play(scenario, outside, { withinMs, onHeard }), failed.promise])
  return customer === 'asks-again' ? askAgain(outside, played.orderId) : played.end.data.workflowId
}
