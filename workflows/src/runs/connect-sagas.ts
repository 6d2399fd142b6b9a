import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import {
  type Decided,
  digestMemo,
  type Requested,
  requestMemo,
  type SagaInput,
  type StepLane,
  sagaInput,
  taskQueue,
  type Withdrawn,
  workflowType,
} from '../protocol/inputs.ts'
import type { Told } from '../protocol/pause.ts'
import { attributes } from '../protocol/search-attributes.ts'
import { askedFor, summarized } from '../protocol/words.ts'
import type { Workflows } from '../protocol/workflows.ts'
import { isLost } from './go-on.ts'
import { closedRun, type SagaName, takeUp } from './take-up.ts'
import { sagaIdInUse } from './workflow-ids.ts'

/** The sagas in Temporal, as intake uses them. All of it may be called again with the same: nothing happens twice. */
export interface Sagas {
  /** Starts the saga of a request. `reused`: its id was seen with other content. */
  start(requested: Requested): Promise<'started' | 'duplicate' | 'reused'>
  /**
   * Lets the saga of a request go on whose run is gone, with all that it was told: from its beginning, or, where that is gone too, as
   * a new one. One that runs by now is left alone. `wish`: a person's, and why.
   */
  restart(requested: Requested, wish?: Told): Promise<void>
  /** Tells a saga of an input; one that overtook its request is kept for it. */
  tell(saga: SagaName, signal: 'decided' | 'withdrawn', input: Decided | Withdrawn): Promise<'told' | 'closed'>
}

/**
 * How a run begins. `eager`: its first workflow task comes back with the start, without the server's matching and a poll, to a worker on
 * the client's own `NativeConnection`; where none has a slot free, or the server has it turned off, the run is queued as any other.
 */
export type StartingWay = 'eager' | 'queued'

/** After so long the server gives the task of a process that died to another one. The fast lane holds a task for far less. */
const workflowTaskTimeout = '10 seconds'

const optionsOf = async (client: Client, saga: SagaName) => ({
  workflowId: await sagaIdInUse(client, saga),
  taskQueue,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
})

const knownAtStart = (orderId: string) => [
  { key: attributes.orderId, value: orderId },
  { key: attributes.stage, value: 'requested' },
  { key: attributes.needsAttention, value: false },
]

interface Begin {
  readonly client: Client
  readonly lane: StepLane
  readonly way: StartingWay
  readonly reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'
  readonly wish?: Told | undefined
}

const begin = async (requested: Requested, { client, lane, way, reuse, wish }: Begin) => {
  const { request, digest } = requested
  const { orderId, requestId, reason, initiator } = request
  await client.workflow.start<Workflows['cancelOrder']>(workflowType, {
    ...(await optionsOf(client, request)),
    args: [sagaInput(request, lane, requested)],
    workflowIdReusePolicy: reuse,
    workflowIdConflictPolicy: 'FAIL',
    requestEagerStart: way === 'eager',
    workflowTaskTimeout,
    staticSummary: summarized(`Cancel ${orderId}: ${reason.code} (${initiator.kind})`),
    staticDetails: askedFor(request),
    typedSearchAttributes: [...knownAtStart(orderId), { key: attributes.reasonCode, value: reason.code }],
    memo: {
      [requestMemo]: requestId,
      [digestMemo]: digest,
      ...(wish === undefined ? {} : { startedAgainBy: wish.by, reason: wish.reason }),
    },
  })
}

const unlessUsed = (error: unknown): void => {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
}

const restart = async (requested: Requested, by: Omit<Begin, 'reuse'>): Promise<void> => {
  const { goesOn, tellAgain } = await takeUp(by.client, requested.request, by.wish)
  if (goesOn) return
  await begin(requested, { ...by, reuse: 'ALLOW_DUPLICATE' }).catch(unlessUsed)
  await tellAgain()
}

const waiting = async (client: Client, saga: SagaName, lane: StepLane, patienceMs: number) => ({
  ...(await optionsOf(client, saga)),
  memo: { [requestMemo]: saga.requestId },
  args: [sagaInput(saga, lane, undefined, patienceMs)] satisfies [SagaInput],
  workflowTaskTimeout,
  staticSummary: summarized(`Cancel ${saga.orderId}: waits for request ${saga.requestId}`),
  typedSearchAttributes: knownAtStart(saga.orderId),
})

/** Whether a saga whose id was used before is over; if not, a run is there that can be told something. */
const isOver = async (client: Client, saga: SagaName, lane: StepLane, patienceMs: number): Promise<boolean> => {
  const closed = await closedRun(client, await sagaIdInUse(client, saga))
  if (closed === undefined) return false
  if (closed.hasRequest && !isLost(closed.status)) return true
  // One that somebody has started by hand, with what it could not read, was no end of the saga.
  const { goesOn, isOver, tellAgain } = await takeUp(client, saga)
  if (goesOn || isOver) return isOver
  const options = {
    ...(await waiting(client, saga, lane, patienceMs)),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  }
  await client.workflow.start<Workflows['cancelOrder']>(workflowType, options).catch(unlessUsed)
  await tellAgain()
  return false
}

/** What a start means whose workflow id was used before; `undefined`: it is gone by now, start again. */
const meet = async (
  requested: Requested,
  by: Omit<Begin, 'reuse'>,
): Promise<'started' | 'duplicate' | 'reused' | undefined> => {
  const handle = by.client.workflow.getHandle(await sagaIdInUse(by.client, requested.request))
  try {
    const { status, memo } = await handle.describe()
    const known = memo?.[digestMemo]
    if (known !== undefined) return known === requested.digest ? 'duplicate' : 'reused'
    // A run without a digest was started by something that overtook the request: it waits for it, or has given up.
    if (status.name === 'RUNNING') await handle.signal('requested', requested)
    else if (isLost(status.name)) {
      await restart(requested, by)
      return undefined
    } else await begin(requested, { ...by, reuse: 'ALLOW_DUPLICATE' })
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError)
      return undefined
    throw error
  }
}

/** As the setting is by default. */
const usualPatienceMs = 10_000

/** `lane`: how the runs that are started here ask. `patienceMs`: how long one waits for a request that something about it has overtaken. */
export const connectSagas = (
  client: Client,
  lane: StepLane,
  way: StartingWay = 'queued',
  patienceMs = usualPatienceMs,
): Sagas => ({
  start: async (requested) => {
    for (;;) {
      try {
        await begin(requested, { client, lane, way, reuse: 'REJECT_DUPLICATE' })
        return 'started'
      } catch (error) {
        unlessUsed(error)
      }
      const met = await meet(requested, { client, lane, way })
      if (met !== undefined) return met
    }
  },
  restart: (requested, wish) => restart(requested, { client, lane, way, wish }),
  tell: async (saga, signal, input) => {
    for (;;) {
      try {
        await client.workflow.signalWithStart<Workflows['cancelOrder'], [Decided | Withdrawn]>(workflowType, {
          ...(await waiting(client, saga, lane, patienceMs)),
          signal,
          signalArgs: [input],
        })
        return 'told'
      } catch (error) {
        unlessUsed(error)
      }
      if (await isOver(client, saga, lane, patienceMs)) return 'closed'
    }
  },
})
