import { digestOf } from '@countermand/contracts/request-digest.ts'
import { requestTaken } from '@countermand/order/store/facts.ts'
import { connectSagas } from '../../src/runs/connect-sagas.ts'
import { sagaIdInUse } from '../../src/runs/workflow-ids.ts'
import { describeRun } from '../find/describe-run.ts'
import type { FoundSaga } from '../find/find.ts'
import { currentPause } from '../intake/pause.ts'
import { publish } from '../reach/publish.ts'
import { reasonOf } from '../reach/reason-of.ts'
import type { System } from '../reach/system.ts'
import { signed } from './again.ts'
import { type Effect, effectOf } from './effect.ts'
import type { Planned } from './many.ts'
import { planRetry, type RetryPlan } from './plan.ts'
import { about, sendResolution } from './resolution.ts'
import { planInShort, planInWords } from './words.ts'

/** Who drives a saga on, and why. */
export interface Signed {
  readonly by: string
  readonly reason: string
}

/** `waitMs`: how long to look what comes of it. */
export type Parts = System & { readonly waitMs: number }

type OfKind<Action extends RetryPlan['action']> = Extract<RetryPlan, { readonly action: Action }>

const askAgain = async (parts: Parts, { request }: OfKind<'ask-again'>, who: Signed): Promise<Effect> => {
  const { where, temporal, databases, waitMs } = parts
  const { orderId, requestId } = request
  const saga = { orderId, requestId, workflowId: await sagaIdInUse(temporal.client, { orderId, requestId }) }
  // Temporal forgets runs, and the order service may not have heard of it yet.
  const isKnown = (await describeRun(temporal, saga.workflowId)) ?? (await requestTaken(databases.order, requestId))
  if (isKnown !== undefined)
    return {
      sent: false,
      changed: false,
      outcome: null,
      text: `it was asked again before, as ${requestId}: look at that one`,
    }
  // It knows every event, which is much to load.
  const { upstreamMessage } = await import('../reach/upstream.ts')
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
const endRun = async ({ temporal }: Parts, { workflowId, runId }: OfKind<'restart'>, who: Signed): Promise<void> => {
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
  plan: Exclude<RetryPlan, OfKind<'nothing'>>,
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

/** What would drive on one of many, of which those that need nothing are no mistake. */
export const planRetryOfMany =
  (parts: Parts, who: Signed, restart = false) =>
  async (saga: FoundSaga): Promise<Planned> => {
    const plan = await planRetry(parts.databases, parts.temporal, saga, restart)
    if (plan.action === 'nothing') return { todo: false, refused: false, text: planInWords(plan) }
    if (plan.action === 'ask-again')
      return { todo: false, refused: false, text: `nothing: it has ended: ${plan.ended}` }
    return { todo: true, text: planInShort(plan), send: () => carryOut(parts, saga, plan, who) }
  }
