import { digestOf } from '@countermand/contracts'
import { connectSagas } from '@countermand/workflows/src/runs/connect-sagas.ts'
import { sagaIdInUse } from '@countermand/workflows/src/runs/workflow-ids.ts'
import { upstreamMessage } from '../../demo/upstream.ts'
import type { Addresses } from '../addresses.ts'
import type { Databases } from '../databases.ts'
import { reasonOf } from '../error.ts'
import type { FoundSaga } from '../find.ts'
import { currentPause } from '../intake/pause.ts'
import { publish } from '../publish.ts'
import { about, sendResolution } from '../resolve/resolution.ts'
import type { Temporal } from '../runs.ts'
import { signed } from './again.ts'
import { type Effect, effectOf } from './effect.ts'
import { describeRun, type RetryPlan } from './plan.ts'

/** Who drives a saga on, and why. */
export interface Signed {
  readonly by: string
  readonly reason: string
}

export interface Parts {
  readonly where: Addresses
  readonly databases: Databases
  readonly temporal: Temporal
  /** How long to look what comes of it, in ms. */
  readonly waitMs: number
}

type Planned<Action extends RetryPlan['action']> = Extract<RetryPlan, { readonly action: Action }>

const askAgain = async (parts: Parts, { request }: Planned<'ask-again'>, who: Signed): Promise<Effect> => {
  const { where, temporal, databases, waitMs } = parts
  const { orderId, requestId } = request
  const saga = { orderId, requestId, workflowId: await sagaIdInUse(temporal.client, { orderId, requestId }) }
  if ((await describeRun(temporal, saga.workflowId)) !== undefined)
    return {
      sent: false,
      changed: false,
      outcome: null,
      text: `it was asked again before, as ${requestId}: look at that one`,
    }
  // The event's id is the request's: who sends it twice has sent it once.
  await publish(where, [upstreamMessage('order.cancel.requested.v1', orderId, signed(request, who), requestId)])
  const paused = await currentPause(temporal)
  if (paused !== undefined)
    return { changed: true, outcome: null, text: `${requestId} is published and held in Kafka: intake is paused` }
  const effect = await effectOf({ databases, temporal, saga, workflowId: saga.workflowId, waitMs })
  const isNo = effect.outcome === 'refused' || effect.outcome === 'compensated'
  return isNo ? { ...effect, changed: false } : effect
}

/** Ends exactly the run that was looked at: one that goes on by now is another one's. Who and why are kept in its history. */
const endRun = async ({ temporal }: Parts, { workflowId, runId }: Planned<'restart'>, who: Signed): Promise<void> => {
  const { workflowService, options } = temporal.client
  await workflowService
    .terminateWorkflowExecution({
      ...{ namespace: options.namespace, workflowExecution: { workflowId, runId } },
      ...{ identity: who.by, reason: `ended by ${who.by}, to be started again: ${who.reason}` },
    })
    .catch((cause: unknown) => {
      throw new Error(`expected Temporal to end run ${runId} of ${workflowId}: ${reasonOf(cause)}`, { cause })
    })
}

/** Does what a plan says, and says what came of it. */
export const carryOut = async (
  parts: Parts,
  saga: FoundSaga,
  plan: Exclude<RetryPlan, Planned<'nothing'>>,
  who: Signed,
): Promise<Effect> => {
  const { temporal } = parts
  switch (plan.action) {
    case 'resolve': {
      const { workflowId, parked } = plan
      await sendResolution(temporal, workflowId, about(parked, { decision: 'retry', ...who }))
      return effectOf({ ...parts, saga, workflowId, parked })
    }
    case 'restart':
    case 'start-again': {
      if (plan.action === 'restart') await endRun(parts, plan, who)
      const { request, workflowId } = plan
      const again = { request, digest: digestOf(request) }
      await connectSagas(temporal.client, 'adaptive').restart(again, who)
      return effectOf({ ...parts, saga, workflowId })
    }
    case 'ask-again':
      return askAgain(parts, plan, who)
  }
}
