import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CancelRequested, topics } from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { createLateIntercepts } from '@countermand/workflows/src/aftermath/parcel-events.ts'
import { createReversals } from '@countermand/workflows/src/aftermath/refund-events.ts'
import { createIntake } from '@countermand/workflows/src/intake/intake.ts'
import { type StepLane, taskQueue } from '@countermand/workflows/src/protocol/inputs.ts'
import { connectSagas } from '@countermand/workflows/src/runs/connect-sagas.ts'
import { createActivities } from '@countermand/workflows/src/steps/activities.ts'
import { openFastLane } from '@countermand/workflows/src/steps/fast-lane.ts'
import { createLateAnswers } from '@countermand/workflows/src/steps/late-answers.ts'
import { createReplies } from '@countermand/workflows/src/steps/replies.ts'
import { createLostRuns } from '@countermand/workflows/src/sweep/lost-runs.ts'
import { createSweep } from '@countermand/workflows/src/sweep/sweep.ts'
import { connectTemporal } from '@countermand/workflows/src/temporal/connect.ts'
import { savedBundle } from '@countermand/workflows/testing/saved-bundle.ts'
import { Client, type WorkflowClientInterceptor } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Shop } from './shop.ts'

/** The orchestrator with all its own parts on a real Temporal server; instead of Kafka there are shops in memory. */
export interface Orchestrator {
  readonly client: Client
  /** Has the orchestrator talk to this shop from now on. */
  open(shop: Shop): void
  close(shop: Shop): void
  /** Something that its readers read: cancel events, answers, refunds, news of parcels. Resolves when it is taken. */
  take(message: OutgoingMessage, lane: StepLane): Promise<void>
  /** Looks at one order on hold, as the sweep does. */
  sweep(hold: CancelRequested, lane: StepLane): Promise<void>
  /** Looks at runs that no hold tells of, of all shops, as the sweep does. */
  sweepLostRuns(): Promise<void>
  stop(): Promise<void>
}

/** The SDK's core, of which a process has one, says nothing from now on, and leaves signals to us. Call it once, before anything is opened. */
export const silenceTemporal = (): unknown =>
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
    shutdownSignals: [],
  })

const log = createLogger({ name: 'random', level: 'silent' })
const now = () => new Date().toISOString()

const incoming = (message: OutgoingMessage, offset: number): IncomingMessage => ({
  topic: message.topic,
  partition: 0,
  offset: String(offset),
  key: message.key === null ? null : String(message.key),
  value: message.value === null ? null : Buffer.from(message.value),
  headers: message.headers,
})

const mostTries = 50

/** A batch that Temporal does not take comes again. */
const untilTaken = async (handle: () => Promise<void>): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return await handle()
    } catch (error) {
      if (tries === mostTries) throw error
      await sleep(100)
    }
  }
}

const workflowTaskTimeout = msToTs('1 minute')

/**
 * No process dies here, so no workflow task has to be given up. On a machine that is busy it would be nevertheless, and the next attempt
 * has the whole history to go through: from then on the worker has so much more to do that no task is done in time.
 */
const patient: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => next({ ...input, options: { ...input.options, workflowTaskTimeout } }),
  signalWithStart: (input, next) => next({ ...input, options: { ...input.options, workflowTaskTimeout } }),
}

/** Starts it in a namespace of its own. */
export const openOrchestrator = async (address: string): Promise<Orchestrator> => {
  const namespace = `random-${randomUUID().slice(0, 8)}`
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  const connection = await connectTemporal({ address })
  const native = await NativeConnection.connect({ address })
  const client = new Client({ connection, namespace, interceptors: { workflow: [patient] } })
  const shops = new Map<string, Shop>()
  let offset = 0

  const publish = async (messages: readonly OutgoingMessage[]) => {
    for (const message of messages) {
      const shop = shops.get(String(message.key))
      if (message.topic.endsWith('.dlq')) shop?.letters.push(message.headers['dlq-reason'] ?? '')
      // An answer that nobody here waits for any more is passed on to the other lane.
      else if (message.topic === topics.sagaReplies) await replies([incoming(message, 0)])
      else await shop?.command(message)
    }
  }
  const own = { client, publish, now, log }
  const complete = client.activity.complete.bind(client.activity)
  const fast = openFastLane({
    ...{ publish, owned: () => [0], now, log, metrics: createMetrics() },
    // Each shop has its own trouble: one's service must not be left alone because of another's.
    missesInARow: Number.POSITIVE_INFINITY,
  })
  const partsOf = (lane: StepLane) => {
    const sagas = connectSagas(client, lane)
    const metrics = createMetrics()
    return { intake: createIntake({ ...own, sagas, metrics }), sweep: createSweep({ ...own, sagas, metrics }) }
  }
  const lanes = { slow: partsOf('slow'), adaptive: partsOf('adaptive') }
  const metrics = createMetrics()
  const replies = createReplies({ ...own, complete, tellLate: createLateAnswers(client), metrics })
  const reversals = createReversals({ ...own, metrics })
  const lateIntercepts = createLateIntercepts({ ...own, metrics })

  const { restartLostRuns } = createLostRuns({ client, log })

  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: await savedBundle(),
    activities: createActivities({ publish, askFast: fast.ask, now }),
  })
  const running = worker.run()

  const readerOf = (topic: string, lane: StepLane) => {
    if (topic === topics.cancelRequests) return lanes[lane].intake
    if (topic === topics.sagaFastReplies) return fast.onBatch
    if (topic === topics.sagaReplies) return replies
    if (topic === topics.refunds) return reversals
    return topic === topics.shipmentsChanged ? lateIntercepts : undefined
  }

  return {
    client,
    open: (shop) => void shops.set(shop.orderId, shop),
    close: (shop) => void shops.delete(shop.orderId),
    take: async (message, lane) => {
      const reader = readerOf(message.topic, lane)
      offset += 1
      if (reader !== undefined) await untilTaken(() => reader([incoming(message, offset)]))
    },
    sweepLostRuns: async () => void (await restartLostRuns()),
    sweep: async (hold, lane) => void (await lanes[lane].sweep.restartLost([hold], now())),
    stop: async () => {
      worker.shutdown()
      await running
      await native.close()
      await connection.close()
    },
  }
}
