import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CancelRequested, sagaId } from '@countermand/contracts'
import { connectKafka } from '@countermand/kafka/kafka.ts'
import { createPublisher } from '@countermand/kafka/publisher.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { pause } from '@countermand/workflows/operations/intake/pause.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { clusterOf } from '@countermand/workflows/operations/reach/addresses.ts'
import { openTemporal, type Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import { orderFrom, type Wish } from '../../shop/wish.ts'
import { beginAsAnotherVersion } from './another-version.ts'

/** What was made, as an operator will meet it. */
export interface Made {
  readonly orderId: string
  readonly requestId: string
  readonly workflowId: string
}

/** What upstream services get wrong. */
interface Amiss {
  readonly carrier?: string
  readonly reasonCode?: string
}

/** The world around the system: what upstream services can do, and for one drill a hand on Temporal. */
export interface Maker {
  readonly temporal: Temporal
  /** Places an order and asks to cancel it. */
  cancel(wish: Omit<Wish, 'name'>, amiss?: Amiss): Promise<Made>
  /** The same; then a run is put in its saga's place that no code can walk: its workflow task fails again and again. */
  cancelAndBreak(wish: Omit<Wish, 'name'>): Promise<Made>
  pauseIntake(reason: string): Promise<void>
  close(): Promise<void>
}

const made = (orderId: string): Made => {
  const requestId = `req-drill-${randomUUID().slice(0, 8)}`
  return { orderId, requestId, workflowId: sagaId(orderId, requestId) }
}

const requestOf = ({ orderId, requestId }: Made): CancelRequested => ({
  requestId,
  orderId,
  requestedAt: new Date().toISOString(),
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind', note: 'a drill' },
  refundTo: 'original',
})

const untilFound = async (temporal: Temporal, { workflowId, orderId }: Made): Promise<void> => {
  const deadline = performance.now() + 60_000
  for (;;) {
    const runs = await listRuns(temporal, { order: orderId, stage: 'refunding' })
    if (runs.some((run) => run.workflowId === workflowId)) return
    if (performance.now() > deadline) throw new Error(`expected ${workflowId} to wait for its refund within a minute`)
    await sleep(200)
  }
}

/** Connects as upstream services do. Throws when Kafka or Temporal does not answer. */
export const openMaker = async (where: Addresses): Promise<Maker> => {
  const temporal = await openTemporal(where)
  const kafka = connectKafka({
    ...clusterOf(where),
    clientId: 'countermand-drill',
    prefix: where.topicPrefix,
  })
  const publisher = createPublisher({ kafka })
  const cancel = async (wish: Omit<Wish, 'name'>, { carrier, reasonCode }: Amiss = {}) => {
    const order = orderFrom({ name: 'drill', ...wish })
    const { orderId } = order
    const shipments = order.shipments?.map((each) => (carrier === undefined ? each : { ...each, carrier }))
    const about = made(orderId)
    const request = requestOf(about)
    const reason = { ...request.reason, ...(reasonCode === undefined ? {} : { code: reasonCode }) }
    await publisher.publish([upstreamMessage('order.placed.v1', orderId, { ...order, shipments })])
    await publisher.publish([upstreamMessage('order.cancel.requested.v1', orderId, { ...request, reason })])
    return { about, request }
  }
  return {
    temporal,
    cancel: async (wish, amiss) => (await cancel(wish, amiss)).about,
    cancelAndBreak: async (wish) => {
      const { about, request } = await cancel(wish)
      await untilFound(temporal, about)
      await beginAsAnotherVersion(temporal, request, about.workflowId)
      return about
    },
    pauseIntake: async (reason) => void (await pause(temporal, { by: 'drill', reason })),
    close: async () => {
      await publisher.stop()
      await temporal.close()
    },
  }
}
