import { sagaId } from '@countermand/contracts'
import type { Addresses } from '../addresses.ts'
import { sagaUrl } from '../addresses.ts'
import type { Databases } from '../databases.ts'
import type { DeadLetter } from '../dead-letters.ts'
import { type Deadline, factsOf } from '../triage/facts.ts'
import { identifyByPrefix } from './by-prefix.ts'
import { nextOf } from './next.ts'
import { type OrderFacts, orderFacts, type RequestFacts, requestFacts } from './order.ts'
import { type PaymentFacts, paymentFacts } from './payment.ts'
import { type ShipmentFacts, shipmentFacts } from './shipments.ts'
import { type StockFacts, stockFacts } from './stock.ts'
import { type TimelineEntry, timelineOf } from './timeline.ts'

/** All that the four services know of an order and its cancellation. */
export interface Story {
  readonly orderId: string
  /** The request that was asked for, or the order's latest; `null`: nobody asked to cancel it. */
  readonly requestId: string | null
  readonly workflowId: string | null
  readonly temporalUrl: string | null
  readonly outcome: string | null
  readonly code: string | null
  readonly stage: string | null
  /** What comes next, and the command that resolves it when it needs a person; `null`: it has ended. */
  readonly next: string | null
  /** What happens by itself when nobody answers; `null`: nothing is waited for so. */
  readonly deadline: Deadline | null
  readonly order: OrderFacts | null
  readonly requests: readonly RequestFacts[]
  readonly stock: readonly StockFacts[]
  readonly shipments: readonly ShipmentFacts[]
  readonly payment: PaymentFacts
  readonly timeline: readonly TimelineEntry[]
  readonly deadLetters: readonly DeadLetter[]
}

export interface StorySources {
  readonly databases: Databases
  readonly where: Pick<Addresses, 'temporalUiUrl' | 'namespace'>
  readonly deadLetters: () => Promise<readonly DeadLetter[]>
}

/** Reads the story of an order or request; `undefined`: no service has heard of it. */
export const readStory = async (id: string, sources: StorySources): Promise<Story | undefined> => {
  const { databases, where } = sources
  const found = await identifyByPrefix(databases, id)
  if (found === undefined) return undefined
  const { orderId, requestIds } = found
  const [order, requests, stock, shipments, payment, timeline, letters] = await Promise.all([
    orderFacts(databases.order, orderId),
    requestFacts(databases.order, requestIds),
    stockFacts(databases.inventory, orderId),
    shipmentFacts(databases.logistics, orderId),
    paymentFacts(databases.payment, orderId),
    timelineOf(databases, orderId, requestIds),
    sources.deadLetters(),
  ])
  const latest = requests.at(-1)
  const requestId = latest?.requestId ?? requestIds.at(-1) ?? null
  const facts = requestId === null ? undefined : (await factsOf(databases, [requestId])).get(requestId)
  const workflowId = requestId === null ? null : sagaId(orderId, requestId)
  return {
    orderId,
    requestId,
    workflowId,
    temporalUrl: workflowId === null ? null : sagaUrl(where, workflowId),
    outcome: latest?.outcome ?? null,
    code: latest?.code ?? null,
    stage: latest?.stage ?? null,
    next: nextOf(latest, timeline),
    deadline: facts?.deadline ?? null,
    order,
    requests,
    stock,
    shipments,
    payment,
    timeline,
    deadLetters: letters.filter(({ key }) => key === orderId),
  }
}
