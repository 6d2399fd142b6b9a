import { randomUUID } from 'node:crypto'
import { type AttentionReason, type Remedy, sagaId } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import {
  decidedSignal,
  decideUpdate,
  resolveUpdate,
  type StepLane,
  statusQuery,
  withdrawUpdate,
} from '@countermand/workflows/src/protocol/inputs.ts'
import { resolveCommand } from '@countermand/workflows/src/protocol/words.ts'
import type { Workflows } from '@countermand/workflows/src/protocol/workflows.ts'
import { takeUp } from '@countermand/workflows/src/runs/take-up.ts'
import { createActivities } from '@countermand/workflows/src/steps/activities.ts'
import { openFastLane } from '@countermand/workflows/src/steps/fast-lane.ts'
import { createLateAnswers } from '@countermand/workflows/src/steps/late-answers.ts'
import { connectTemporal } from '@countermand/workflows/src/temporal/connect.ts'
import { savedBundle } from '@countermand/workflows/testing/saved-bundle.ts'
import { ActivityNotFoundError, Client, type WorkflowHandle } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { expect } from 'vitest'
import type { Attention } from './cells.ts'
import { type Complete, type Mishap, openPost, type Post } from './post.ts'
import type { ShopOptions } from './shop.ts'

export type SagaHandle = WorkflowHandle<Workflows['cancelOrder']>

/** One cancellation on the stage: its saga, its shop, and what people do about it. */
export interface Play {
  readonly post: Post
  /** Starts a run of the saga, as intake and the sweep do. */
  start(workflowId?: string): Promise<SagaHandle>
  /** Loses the saga's run, and lets it go on as the sweep and `saga retry` do. */
  lose(): Promise<SagaHandle>
  /** Waits until the saga is parked, findable, and says in its details which commands resolve it. */
  parks(saga: SagaHandle, reason: AttentionReason, remedies: readonly Remedy[]): Promise<Attention>
  approve(saga: SagaHandle): Promise<{ readonly accepted: boolean }>
  withdraw(saga: SagaHandle): Promise<{ readonly accepted: boolean }>
  /** As an event: what comes of it is public. `at`: ISO 8601, by default now. */
  decide(saga: SagaHandle, decision: 'approve' | 'reject', at?: string): Promise<void>
  resolve(saga: SagaHandle, decision: Remedy, to?: 'store-credit'): Promise<{ readonly accepted: boolean }>
}

const silent = createLogger({ name: 'stage', level: 'silent' })

/** A real Temporal server with one real worker, whose commands go to shops in memory. Many sagas may play at once. */
export const openStage = async (address: string) => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
  const connection = await connectTemporal({ address })
  const native = await NativeConnection.connect({ address })
  const client = new Client({ connection })
  const taskQueue = `stage-${randomUUID()}`
  const posts = new Map<string, Post>()

  const publish = async (messages: readonly OutgoingMessage[]) => {
    for (const message of messages) await posts.get(String(message.key))?.send(message)
  }
  const now = () => new Date().toISOString()
  const fast = openFastLane({
    ...{ publish, now, owned: () => [0], log: silent, metrics: createMetrics() },
    // Each cell has its own trouble: one cell's service must not be left alone because of another's.
    missesInARow: Number.POSITIVE_INFINITY,
  })
  const tellLate = createLateAnswers(client)
  const complete: Complete = async (replyTo, answer) => {
    if ('waiter' in replyTo && fast.give(replyTo, answer)) return
    const { workflowId, activityId } = replyTo
    await client.activity.complete({ workflowId, activityId }, answer).catch(async (error: unknown) => {
      if (!(error instanceof ActivityNotFoundError)) throw error
      await tellLate(replyTo, answer)
    })
  }
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await savedBundle(),
    activities: createActivities({ publish, askFast: fast.ask, now }),
  })
  const running = worker.run()

  const isFindable = async (saga: SagaHandle, reason: string) => {
    const { searchAttributes } = await saga.describe()
    expect(searchAttributes).toMatchObject({ NeedsAttention: [true], AttentionReason: [reason] })
  }
  const open = (
    options: Omit<ShopOptions, 'orderId'>,
    mishaps: readonly Mishap[],
    lane: StepLane = 'adaptive',
  ): Play => {
    const orderId = `ord${options.takenBefore ? '\t' : '-'}${randomUUID()}`
    const post = openPost({ ...options, orderId }, mishaps, complete)
    posts.set(orderId, post)
    const { request } = post.shop
    const { requestId } = request
    return {
      post,
      start: (workflowId = sagaId(orderId, requestId)) =>
        client.workflow.start<Workflows['cancelOrder']>('cancelOrder', {
          workflowId,
          taskQueue,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          args: [{ orderId, requestId, lane, requested: { request, digest: requestId } }],
        }),
      lose: async () => {
        const workflowId = sagaId(orderId, requestId)
        await client.workflow.getHandle(workflowId).terminate('the test loses it')
        expect((await takeUp(client, { orderId, requestId })).goesOn).toBe(true)
        return client.workflow.getHandle<Workflows['cancelOrder']>(workflowId)
      },
      parks: (saga, reason, remedies) =>
        eventuallyHolds(async () => {
          const { attention, parked = [] } = await saga.query(statusQuery)
          expect({ reason: attention?.reason, remedies: attention?.remedies }).toEqual({ reason, remedies })
          // Where several are parked, each command names its step.
          const step = parked.length > 1 ? attention?.step : undefined
          await isFindable(saga, reason)
          const { currentDetails } = await saga.query<{ currentDetails: string }>('__temporal_workflow_metadata')
          for (const remedy of remedies) expect(currentDetails).toContain(resolveCommand(requestId, remedy, step))
          expect(post.shop.story).toContain('needs-attention')
          return { reason, remedies }
        }),
      approve: (saga) => saga.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'mer-3' }] }),
      withdraw: (saga) => saga.executeUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }] }),
      decide: (saga, decision, at = new Date().toISOString()) =>
        saga.signal(decidedSignal, { inputId: randomUUID(), decision, by: 'mer-3', at }),
      resolve: (saga, decision, to) =>
        saga.executeUpdate(resolveUpdate, {
          args: [{ decision, by: 'ops-1', reason: 'looked into it', ...(to === undefined ? {} : { to }) }],
        }),
    }
  }

  return {
    open,
    client,
    close: async () => {
      worker.shutdown()
      await running
      await native.close()
      await connection.close()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>
