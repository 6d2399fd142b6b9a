import { sagaId } from '@countermand/contracts/message-id.ts'
import { type StockFacts, stockOf } from '@countermand/inventory/store/facts.ts'
import { type ShipmentFacts, shipmentsOf } from '@countermand/logistics/store/facts.ts'
import { type OrderFacts, orderOf, type RequestFacts, requestsOf } from '@countermand/order/store/facts.ts'
import { moneyOf, type PaymentFacts } from '@countermand/payment/store/facts.ts'
import type { DeadLetter } from '../dead-letters/document.ts'
import { identifyByPrefix } from '../find/by-prefix.ts'
import { type Deadline, factsOf } from '../find/facts.ts'
import type { Identified } from '../find/identify.ts'
import type { Addresses } from '../reach/addresses.ts'
import { sagaUrl } from '../reach/addresses.ts'
import type { Databases } from '../reach/databases.ts'
import { nextOf } from './next.ts'
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
  /** Whose id it is, when no service has heard of it. */
  readonly unheard?: (id: string) => Promise<Identified | undefined>
}

/** Reads the story of an order or request; `undefined`: nobody has heard of it. */
export const readStory = async (id: string, sources: StorySources): Promise<Story | undefined> => {
  const { databases, where } = sources
  const found = (await identifyByPrefix(databases, id)) ?? (await sources.unheard?.(id))
  if (found === undefined) return undefined
  const { orderId, requestIds } = found
  const [order, requests, stock, shipments, payment, timeline, letters] = await Promise.all([
    orderOf(databases.order, orderId),
    requestsOf(databases.order, requestIds),
    stockOf(databases.inventory, orderId),
    shipmentsOf(databases.logistics, orderId),
    moneyOf(databases.payment, orderId),
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
