import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { fetchTestServer } from '@countermand/tools/stack/fetch.ts'
import { ApplicationFailure, Context } from '@temporalio/activity'
import { Client, type Connection, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { SagaInput } from '../src/protocol/inputs.ts'
import { type LateIntercept, lateInterceptType } from '../src/protocol/late-intercept.ts'
import { type Reversal, reversedWorkflowType } from '../src/protocol/reversal.ts'
import { attributes } from '../src/protocol/search-attributes.ts'
import type { cancelOrder } from '../src/saga/cancel-order.ts'
import type { settleLateIntercept } from '../src/saga/settle-late-intercept.ts'
import type { settleReversedRefund } from '../src/saga/settle-reversed-refund.ts'
import { connectTemporal } from '../src/temporal/connect.ts'
import { savedBundle } from './saved-bundle.ts'
import { createWorld, request, type WhileOpen, type World } from './world.ts'

export type SagaHandle = WorkflowHandle<typeof cancelOrder>
export type ReversalHandle = WorkflowHandle<typeof settleReversedRefund>
export type LateInterceptHandle = WorkflowHandle<typeof settleLateIntercept>

/** A Temporal server to play sagas on, each in a world of its own. */
export interface Laboratory {
  readonly client: Client
  /** What the fake services' activities do while there is no answer yet. */
  readonly whileOpen: WhileOpen
  /** Runs one saga in a world until `script` has returned. */
  run<T>(world: World, script: (saga: SagaHandle) => Promise<T>, input?: SagaInput): Promise<T>
  runAnything<T>(world: World, script: (start: StartAnything) => Promise<T>): Promise<T>
  /** The same for a refund that was reversed. */
  runReversal<T>(world: World, script: (saga: ReversalHandle) => Promise<T>, input: Reversal): Promise<T>
  /** The same for a parcel that comes back though its intercept was taken back. */
  runLateIntercept<T>(world: World, script: (saga: LateInterceptHandle) => Promise<T>, input: LateIntercept): Promise<T>
  /** Answers a step that waits, as the reader of replies does. */
  complete(saga: SagaHandle, activityId: string, answer: Answer): Promise<void>
  /** The server's clock, in ms since 1970. */
  now(): Promise<number>
  close(): Promise<void>
}

/** Starts a run of any type with anything, as people can in the Temporal UI, and gives back its result. */
export type StartAnything = (type: string, args: readonly unknown[]) => Promise<unknown>

/** Temporal's test server, whose clock is moved by hand. */
export interface TimeMachine extends Laboratory {
  /** Lets time pass, e.g. `20 days`; what falls due in it happens. */
  pass(duration: Span): Promise<void>
  /** Lets time pass in steps until the saga has ended: it jumps over whoever needs a moment of real time to ask again. */
  passToTheEnd(saga: SagaHandle, step: Span): Promise<void>
}

type Span = `${number} ${'hours' | 'days'}`

/** Temporal's numbers for the types (`temporal.api.enums.v1.IndexedValueType`). */
const typeNumbers = { KEYWORD: 2, BOOL: 5 } as const
const attributeTypes = Object.fromEntries(
  Object.values(attributes).map(({ name, type }) => [name, type === 'BOOL' ? typeNumbers.BOOL : typeNumbers.KEYWORD]),
)

export const requested: SagaInput = {
  orderId: request.orderId,
  requestId: request.requestId,
  requested: { request, digest: 'digest-1' },
}

let isQuiet = false
const quiet = () => {
  if (isQuiet) return
  isQuiet = true
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
}

/** Activities that answer each run from the world that it is played in. */
const answersFrom = (worlds: ReadonlyMap<string, World>, whileOpen: WhileOpen): World['activities'] => {
  const answer =
    (name: string) =>
    async (...args: never[]) => {
      const run = Context.current().info.workflowExecution
      const activity = run && worlds.get(run.workflowId)?.activities[name]
      if (activity === undefined) throw ApplicationFailure.nonRetryable(`nobody plays ${run?.workflowId} any more`)
      return activity(...args)
    }
  const names = Object.keys(createWorld({}, whileOpen).activities)
  return Object.fromEntries(names.map((name) => [name, answer(name)]))
}

const unlessClosed = (error: unknown): void => {
  if (!(error instanceof WorkflowNotFoundError)) throw error
}

const laboratoryOn = async (
  connection: Connection,
  native: NativeConnection,
  whileOpen: WhileOpen,
  patienceMs: number,
) => {
  const client = new Client({ connection, identity: 'client' })
  const worlds = new Map<string, World>()
  const taskQueue = `laboratory-${randomUUID()}`
  // One for all runs: each would load the workflow's code anew.
  const worker = await Worker.create({
    ...{ connection: native, identity: 'worker', taskQueue },
    workflowBundle: await savedBundle(),
    activities: answersFrom(worlds, whileOpen),
  })
  const running = worker.run()
  const failed = running.then(() => Promise.reject(new Error('expected the worker to run, it has ended')))
  failed.catch(() => undefined)

  /** Plays a run of this id in a world, and leaves it closed. No call outlives the script, and no script the patience: one that hangs fails. */
  const playAs = async <T>(workflowId: string, world: World, script: () => Promise<T>): Promise<T> => {
    worlds.set(workflowId, world)
    const over = new AbortController()
    const late = sleep(patienceMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`expected ${workflowId} to be played within ${patienceMs} ms`)
    })
    late.catch(() => undefined)
    try {
      return await connection.withDeadline(Date.now() + patienceMs, () => Promise.race([script(), failed, late]))
    } finally {
      over.abort()
      const end = () => client.workflow.getHandle(workflowId).terminate('its test is over').catch(unlessClosed)
      await connection.withDeadline(Date.now() + 10_000, end)
      worlds.delete(workflowId)
    }
  }
  const runIn = async <T>(
    world: World,
    script: (options: { taskQueue: string; workflowId: string }) => Promise<T>,
  ): Promise<T> => {
    const workflowId = `saga-${randomUUID()}`
    return playAs(workflowId, world, () => script({ taskQueue, workflowId }))
  }
  return {
    client,
    whileOpen,
    run: <T>(world: World, script: (saga: SagaHandle) => Promise<T>, input = requested): Promise<T> =>
      runIn(world, async (options) =>
        script(await client.workflow.start<typeof cancelOrder>('cancelOrder', { ...options, args: [input] })),
      ),
    runAnything: <T>(world: World, script: (start: StartAnything) => Promise<T>): Promise<T> =>
      script((type, args) => runIn(world, (options) => client.workflow.execute(type, { ...options, args: [...args] }))),
    runReversal: <T>(world: World, script: (saga: ReversalHandle) => Promise<T>, input: Reversal): Promise<T> =>
      runIn(world, async (options) => {
        const args: [Reversal] = [input]
        return script(
          await client.workflow.start<typeof settleReversedRefund>(reversedWorkflowType, { ...options, args }),
        )
      }),
    runLateIntercept: <T>(
      world: World,
      script: (saga: LateInterceptHandle) => Promise<T>,
      input: LateIntercept,
    ): Promise<T> =>
      runIn(world, async (options) => {
        const args: [LateIntercept] = [input]
        return script(await client.workflow.start<typeof settleLateIntercept>(lateInterceptType, { ...options, args }))
      }),
    complete: ({ workflowId }: SagaHandle, activityId: string, answer: Answer) =>
      eventuallyHolds(() => client.activity.complete({ workflowId, activityId }, answer)),
    endWorker: async () => {
      worker.shutdown()
      await running
    },
  }
}

/** Plays on a real server, in real time. */
export const openLaboratory = async (address: string): Promise<Laboratory> => {
  quiet()
  const connection = await connectTemporal({ address })
  const native = await NativeConnection.connect({ address })
  const { endWorker, ...laboratory } = await laboratoryOn(connection, native, 'completed-from-outside', 60_000)
  return {
    ...laboratory,
    now: async () => Date.now(),
    close: async () => {
      await endWorker()
      await native.close()
      await connection.close()
    },
  }
}

/**
 * Plays on the time-skipping server. One for each saga: after a run or two it loses count of what keeps its clock still, and
 * then skips the ten years that a run may take.
 */
export const openTimeMachine = async (): Promise<TimeMachine> => {
  quiet()
  const path = await fetchTestServer({ env: process.env, log: () => {} })
  const server = { executable: { type: 'existing-path', path } } as const
  // The SDK gives it five seconds, which are few for Java on a busy machine.
  const environment = await eventuallyHolds(() => TestWorkflowEnvironment.createTimeSkipping({ server }))
  // Of our own: what is still tried again when the server ends is an answer to it, not the end of this process.
  const connection = await connectTemporal({ address: environment.address })
  await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: attributeTypes })
  const whileOpen = 'asked-again-each-hour'
  const { endWorker, ...laboratory } = await laboratoryOn(connection, environment.nativeConnection, whileOpen, 30_000)
  return {
    ...laboratory,
    pass: (duration) => environment.sleep(duration),
    passToTheEnd: async (saga, step) => {
      while ((await saga.describe()).status.name === 'RUNNING') {
        await environment.sleep(step)
        await sleep(100)
      }
    },
    now: () => environment.currentTimeMs(),
    close: async () => {
      await endWorker()
      await connection.close()
      await environment.teardown()
    },
  }
}
