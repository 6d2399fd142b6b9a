import { topics } from '@countermand/contracts'
import { countReduced, createPublisher, type KafkaConnection, publishingLetters } from '@countermand/kafka'
import { type Logger, type Metrics, within } from '@countermand/telemetry'
import { Client, type Connection } from '@temporalio/client'
import { type NativeConnection, Worker } from '@temporalio/worker'
import { createLateIntercepts, parcelsGroup } from './aftermath/parcel-events.ts'
import { createReversals, refundsGroup } from './aftermath/refund-events.ts'
import { createIntake } from './intake/intake.ts'
import { type IntakeGate, openIntakeGate } from './intake/intake-gate.ts'
import { type Reader, startReader } from './messages/reader.ts'
import { type StepLane, taskQueue } from './protocol/inputs.ts'
import { intakeGroup } from './protocol/pause.ts'
import { connectSagas } from './runs/connect-sagas.ts'
import { dataConverter } from './runs/data-converter.ts'
import { pauseInWords } from './runs/read-pause.ts'
import { createActivities } from './steps/activities.ts'
import { openCompletion } from './steps/completion.ts'
import { fastRepliesGroup, noFastLane, openFastLane } from './steps/fast-lane.ts'
import { createLateAnswers } from './steps/late-answers.ts'
import { createReplies, repliesGroup } from './steps/replies.ts'
import { type Suspects, watchFailingTasks } from './sweep/failing-watch.ts'
import { createLostRuns } from './sweep/lost-runs.ts'
import { createRecovered } from './sweep/recovered.ts'
import { ensureSweep, keepSweep } from './sweep/schedule.ts'
import { createSweep } from './sweep/sweep.ts'
import { createTemporalProbe, measureSagas } from './temporal/health.ts'
import { traceActivities, traceClient } from './temporal/spans.ts'

interface Parts {
  readonly kafka: KafkaConnection
  readonly connection: Connection
  readonly native: NativeConnection
  readonly namespace: string
  readonly sweepIntervalMs: number
  readonly lane: StepLane
  /** How long a decision or a withdrawal waits for its request. */
  readonly orderPatienceMs: number
  /** What the SDK's native part tells, as Prometheus text; empty: it cannot be had. */
  readonly sdkMetrics: () => Promise<string>
  /** Runs of which the SDK has logged trouble. */
  readonly suspects: Suspects
  readonly bundle: { readonly codePath: string }
  readonly log: Logger
  readonly metrics: Metrics
  /** A consumer makes no progress though nothing it needs is away: the process should end, another takes over. */
  readonly onStuck: (reason: string) => void
}

export interface Orchestrator {
  /** Why it is not ready, in words; empty: it is. */
  readiness(): Promise<string[]>
  /** What is out of the ordinary though it is ready, in words. */
  notes(): string[]
  /** Resolves when the worker has ended, rejects when it died. */
  readonly ended: Promise<void>
  /** Takes no more cancel events, lets the worker finish what it has begun, and goes. */
  stop(): Promise<void>
}

/** How long activities may take to finish when the process ends: they only send, or wait for as long as a workflow task may. */
const graceMs = 5_000
/** Then the worker is ended though they have not finished: their tasks time out, and another worker takes them. */
const forceMs = 10_000
/** A batch, and what waits for the broker, may take as long. */
const readerEndsWithinMs = 10_000
/** All of it, one after the other. */
export const orchestratorEndsWithinMs = 45_000

/**
 * A workflow task of the fast lane mostly waits for answers. The more sagas wait at once, the more of their commands and answers share a
 * batch, a transaction and an offset commit: with 40, the SDK's choice, a saga costs a third more processor time under load.
 */
const workflowTasksAtOnce = 100

/** The worker of the saga's runs, and of the activities that speak for them. */
const createWorker = ({ native, namespace, bundle }: Parts, activities: object): Promise<Worker> =>
  Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities,
    interceptors: { activity: [traceActivities] },
    shutdownGraceTime: graceMs,
    shutdownForceTime: forceMs,
    maxConcurrentWorkflowTaskExecutions: workflowTasksAtOnce,
    // Two steps of a saga go side by side.
    maxConcurrentLocalActivityExecutions: 2 * workflowTasksAtOnce,
  })

/** Those of Temporal: one that asks, and one that starts. */
const createClients = ({ connection, native, namespace }: Parts) => {
  const common = { namespace, dataConverter, interceptors: { workflow: [traceClient] } }
  return {
    client: new Client({ ...common, connection }),
    // A start hands its first workflow task to the worker that shares its connection.
    starter: new Client({ ...common, connection: native }),
  }
}

/** The publisher of the process; a dead letter that no broker takes whole goes with less. */
const openPublisher = ({ kafka, log, metrics }: Parts) => {
  const publisher = createPublisher({
    kafka,
    metrics,
    onTrouble: (error) => log.warn({ err: error }, 'the broker does not answer'),
  })
  return { publisher, publish: publishingLetters(publisher.publish, countReduced(metrics), log) }
}

/** What whoever looks at a process that is ready should know all the same. */
const outOfTheOrdinary = (gate: IntakeGate, suspects: Suspects): string[] => {
  const pause = gate.paused()
  const failing = suspects.failing()
  return [
    ...(pause === undefined ? [] : [pauseInWords(pause)]),
    ...(failing === 0 ? [] : [`the code fails ${failing} sagas: saga list --attention`]),
  ]
}

/** Starts the orchestrator: cancel events in, the saga's worker, answers in, commands out. */
export const startOrchestrator = async (parts: Parts): Promise<Orchestrator> => {
  const { kafka, connection, sweepIntervalMs, lane, orderPatienceMs, suspects, log, metrics, onStuck } = parts
  const { client, starter } = createClients(parts)
  const now = () => new Date().toISOString()
  const { publisher, publish } = openPublisher(parts)
  const sagas = connectSagas(starter, lane, 'eager', orderPatienceMs)
  const watched = { kafka, log, metrics, onStuck }
  const fast = openFastLane({ publish, owned: () => fastReplies?.owned() ?? [], now, log, metrics })
  const fastReplies =
    lane === 'slow'
      ? undefined
      : await startReader({
          ...watched,
          groupId: fastRepliesGroup,
          topic: topics.sagaFastReplies,
          onBatch: fast.onBatch,
        })
  const worker = await createWorker(parts, {
    ...createActivities({ publish, askFast: lane === 'slow' ? noFastLane : fast.ask, now }),
    ...createSweep({ client, sagas, publish, now, log, metrics }),
    ...createLostRuns({ client, log }),
    ...createRecovered({ client, publish, now, log }),
  })
  const ended = worker.run()
  const temporal = createTemporalProbe(connection, parts.sdkMetrics)
  await ensureSweep(client, sweepIntervalMs)
  const leaveSweep = keepSweep(client, sweepIntervalMs, log)
  const leaveSuspects = watchFailingTasks({ suspects, client, publish, now, log })
  const complete = openCompletion(client)
  const replies = await startReader({
    ...watched,
    groupId: repliesGroup,
    topic: topics.sagaReplies,
    onBatch: createReplies({ complete, tellLate: createLateAnswers(client), publish, now, log, metrics }),
  })
  const gate = await openIntakeGate({ client, log, metrics })
  const intake = await startReader({
    ...watched,
    gate,
    groupId: intakeGroup,
    topic: topics.cancelRequests,
    onBatch: createIntake({ sagas, publish, now, log, metrics }),
  })
  // Each partition has one reader: who has this one is the one that leads.
  measureSagas(metrics, client, () => intake.owned().includes(0))
  const reversals = await startReader({
    ...watched,
    groupId: refundsGroup,
    topic: topics.refunds,
    onBatch: createReversals({ client, publish, now, log, metrics }),
  })
  const lateIntercepts = await startReader({
    ...watched,
    groupId: parcelsGroup,
    topic: topics.shipmentsChanged,
    onBatch: createLateIntercepts({ client, publish, now, log, metrics }),
  })
  return {
    readiness: async () => [
      ...(worker.getState() === 'RUNNING'
        ? await temporal()
        : [`temporal: the worker is ${worker.getState().toLowerCase()}`]),
      ...intake.readiness(),
      ...replies.readiness(),
      ...reversals.readiness(),
      ...lateIntercepts.readiness(),
      ...(fastReplies?.readiness() ?? []),
      ...(publisher.healthy() ? [] : ['kafka: the broker takes no messages']),
      ...publisher.refused(),
    ],
    notes: () => outOfTheOrdinary(gate, suspects),
    ended,
    stop: async () => {
      leaveSweep()
      leaveSuspects()
      gate.stop()
      const late = (error: unknown) => log.warn({ err: error }, 'it is left as it is: what it had at hand comes again')
      const readersEnd = (readers: readonly (Reader | undefined)[]) =>
        within(readerEndsWithinMs, 'the readers to end', Promise.all(readers.map((each) => each?.stop()))).catch(late)
      await readersEnd([intake, reversals, lateIntercepts])
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await ended.catch(late)
      // The worker's last commands still need the producer, and their answers a reader.
      await readersEnd([replies, fastReplies])
      await publisher.stop()
    },
  }
}
