import {
  type CancelRequested,
  type CommandName,
  cancelRequested,
  lateInterceptId,
  type PlacedOrder,
  refundChanged,
  reversalId,
  sagaId,
  shipmentChanged,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import type { CancellationRequest } from '@countermand/order/decide/request.ts'
import { samplePolicies } from '@countermand/order/test/given.ts'
import { orderFrom } from '@countermand/tools/shop/wish.ts'
import type { Orchestrator } from './orchestrator.ts'
import type { Scenario } from './scenario.ts'
import { openShop, type Shop } from './shop.ts'

/** One scenario that is being played. */
export interface Game {
  readonly scenario: Scenario
  readonly orchestrator: Orchestrator
  readonly shop: Shop
  /** As they are published, in the order of the scenario's requests. */
  readonly asked: readonly CancelRequested[]
  /** The first of each id. */
  readonly requests: readonly CancelRequested[]
  /** Requests whose run was terminated once. */
  readonly lost: Set<string>
  /** Ids of all workflows that it has made so far. */
  runs(): readonly string[]
  /** How often the operator has decided, by workflow id. */
  readonly decisions: Map<string, number>
  /** How many messages have made a workflow after the end of a cancellation so far. */
  laterWork(): number
  /** Resolves when nothing is on its way, and all that left the shop is taken. */
  settled(): Promise<void>
  /** What the order service keeps of a request. */
  known(requestId: string): CancellationRequest | undefined
}

const policiesFor = ({ silence }: Scenario) => {
  const deadlines = { MERCHANT_SILENCE: silence, MERCHANT_DEADLINE: 150 }
  const { defaults } = samplePolicies({ ...deadlines, BLOCKED_CUSTOMERS: ['cus-13'], DECISIONS_FROM: ['mer-3'] })
  const merchants = new Map([
    ['mer-always', { MERCHANT_APPROVAL: 'always' as const }],
    ['mer-credit', { REFUND_FALLBACK: 'store-credit' as const }],
  ])
  return { defaults, overrides: { markets: new Map(), merchants } }
}

const orderOf = ({ order, reverses }: Scenario): PlacedOrder => {
  const placed = orderFrom(order.wish)
  const tenders = placed.tenders.map((tender) =>
    reverses && tender.paymentRef === 'pay_ok' ? { ...tender, paymentRef: 'pay_reverse_5000' } : tender,
  )
  return { ...placed, tenders }
}

const requestsOf = ({ order, reusesId }: Scenario, orderId: string): CancelRequested[] =>
  order.requests.map(({ lines, refundTo, by }, place) =>
    cancelRequested.parse({
      requestId: `req-${reusesId && place === 1 ? 0 : place}-of-${orderId}`,
      orderId,
      requestedAt: new Date().toISOString(),
      initiator: { kind: by, id: 'cus-7' },
      reason: { code: 'changed-mind', note: `request ${place}` },
      refundTo,
      ...(lines === undefined ? {} : { lines }),
    }),
  )

/** The workflow that a message of the shop's makes after the end of a cancellation, if any. */
const laterRun = ({ headers, value }: OutgoingMessage): string | undefined => {
  const data = () => JSON.parse(String(value))
  if (headers.ce_type?.startsWith('refund.')) {
    const changed = refundChanged.parse(data())
    const { afterClosing: means } = changed
    const isReversed = headers.ce_type === 'refund.reversed.v1' && means !== 'settled'
    return isReversed || means === 'owed' || means === 'twice' ? reversalId(changed) : undefined
  }
  if (headers.ce_type !== 'shipment.changed.v1') return undefined
  const { lateIntercept, lateDelivery, shipmentId } = shipmentChanged.parse(data())
  const late = lateIntercept ?? lateDelivery
  return late && lateInterceptId({ shipmentId, requestId: late.requestId })
}

/** Opens the shop of a scenario. `heard` is told each command before it is on its way. */
export const openGame = (
  orchestrator: Orchestrator,
  scenario: Scenario,
  heard: (name: CommandName, requestId: string) => void,
): Game => {
  const { delays, mishaps, lane } = scenario
  const order = orderOf(scenario)
  const { orderId } = order
  const asked = requestsOf(scenario, orderId)
  const isFirst = ({ requestId }: CancelRequested, place: number) =>
    asked.findIndex((each) => each.requestId === requestId) === place
  const requests = asked.filter(isFirst)
  const later = new Set<string>()
  const taking = new Set<Promise<void>>()
  let laterWork = 0
  let turn = 0
  const shop: Shop = openShop({
    order,
    policies: policiesFor(scenario),
    mishaps,
    holds: scenario.holds,
    refundPatience: scenario.refundPatience,
    nextDelay: () => delays[turn++ % delays.length] ?? 0,
    asked: heard,
    outside: (message) => {
      const run = laterRun(message)
      if (run !== undefined) {
        later.add(run)
        laterWork += 1
      }
      const taken: Promise<void> = orchestrator
        .take(message, lane)
        .catch((error: unknown) => void shop.errors.push(error))
        .finally(() => taking.delete(taken))
      taking.add(taken)
    },
  })
  orchestrator.open(shop)
  return {
    ...{ scenario, orchestrator, shop, asked, requests },
    lost: new Set(),
    decisions: new Map(),
    laterWork: () => laterWork,
    settled: async () => {
      do {
        await Promise.all(taking)
        await shop.settled()
      } while (taking.size > 0)
    },
    runs: () => [...requests.map(({ requestId }) => sagaId(orderId, requestId)), ...later],
    known: (requestId) => shop.states.orders.get(orderId)?.requests.get(requestId),
  }
}
