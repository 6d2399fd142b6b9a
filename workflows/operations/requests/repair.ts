import { type OperationAnswer, type ParkedStep, type RepairedSaga, said } from '@countermand/contracts'
import { requestsOf } from '@countermand/order/store/facts.ts'
import { inGroups } from '@countermand/process/in-groups.ts'
import { z } from 'zod'
import type { Attention, ResolveInput } from '../../src/protocol/inputs.ts'
import { sagaIdInUse } from '../../src/runs/workflow-ids.ts'
import type { FoundSaga } from '../find/find.ts'
import { carryOut } from '../repair/carry-out.ts'
import { type Effect, effectOf } from '../repair/effect.ts'
import { carryOutAll, type Reported } from '../repair/many.ts'
import { NotParked } from '../repair/parked.ts'
import { planRetry, type RetryPlan } from '../repair/plan.ts'
import { sendResolution } from '../repair/resolution.ts'
import { planResolution, runToResolve } from '../repair/resolve.ts'
import { effectInWords, planInShort, planInWords } from '../repair/words.ts'
import { doneOf } from '../story/done.ts'
import { type AskedRepair, lineOf, type Parts, signedBy, tooOld } from './asked.ts'
import { isAway } from './away.ts'

/** Sagas that are driven on for somebody at a screen: first what would be done, and then exactly that, each once. */

type Target = AskedRepair['wanted']['sagas'][number]
type Looked = Pick<RepairedSaga, 'result' | 'text'> & { readonly parked?: Attention }

const lookedAtOnce = 8
const perSecond = 10

const wordsOf = (error: unknown): string => said(error instanceof Error ? error.message : String(error))

const found = async ({ temporal }: Parts, { orderId, requestId }: Target): Promise<FoundSaga> => ({
  ...{ orderId, requestId },
  workflowId: await sagaIdInUse(temporal.client, { orderId, requestId }),
})

const resolutionOf = (asked: AskedRepair): ResolveInput => {
  const { wanted } = asked
  if (wanted.kind === 'retry') return { decision: 'retry', ...signedBy(asked) }
  const { decision, to } = wanted
  return { decision, ...signedBy(asked), ...(to === undefined ? {} : { to }) }
}

const wouldRetry = (plan: RetryPlan): Looked => {
  switch (plan.action) {
    case 'resolve':
      return { result: 'would', text: planInShort(plan), parked: plan.parked }
    case 'start-again':
      return { result: 'would', text: planInWords(plan) }
    case 'restart':
    case 'nothing':
      return { result: 'nothing-done', text: plan.because }
    case 'ask-again':
      return { result: 'nothing-done', text: `it has ended: ${plan.ended}` }
  }
}

const wouldResolve = async (parts: Parts, saga: FoundSaga, asked: AskedRepair, step?: string): Promise<Looked> => {
  const { parked } = await planResolution(parts, saga, { resolution: resolutionOf(asked), step })
  return { result: 'would', text: `${parked.direction} ${parked.step}, round ${parked.round}`, parked }
}

const whyNot = (error: unknown): Looked => {
  if (isAway(error)) throw error
  return { result: error instanceof NotParked ? 'nothing-done' : 'refused', text: wordsOf(error) }
}

/** What would be done for one, and what was done of it already. */
const lookAt = async (parts: Parts, asked: AskedRepair, target: Target): Promise<RepairedSaga> => {
  const { orderId, requestId } = target
  const saga = await found(parts, target)
  const looked = await (asked.wanted.kind === 'retry'
    ? planRetry(parts.databases, parts.temporal, saga).then(wouldRetry)
    : wouldResolve(parts, saga, asked, target.parked?.step)
  ).catch(whyNot)
  const { parked, ...came } = looked
  // What was done is asked of every service: one that is away leaves it unknown, and the rest is told all the same.
  const done = await doneOf(parts.databases, saga).catch(() => undefined)
  return {
    ...{ orderId, requestId, ...came },
    ...(done === undefined ? {} : { done: done.slice(-24).map(lineOf) }),
    ...(parked === undefined ? {} : { parked: { ...parked, remedies: [...parked.remedies] } }),
  }
}

const decidedRecord = z.object({
  ...{ what: z.literal('resolved'), step: z.string(), direction: z.string(), round: z.number() },
  ...{ decision: z.string(), by: z.string(), reason: z.string() },
})

/** Whether this very decision was written down before: by an earlier run of this request, which did not live to tell. */
const isDecided = async (
  { databases }: Parts,
  { requestId }: FoundSaga,
  { step, direction, round }: ParkedStep,
  { decision, by, reason }: ResolveInput,
): Promise<boolean> => {
  const [known] = await requestsOf(databases.order, [requestId])
  return (known?.records ?? []).some(({ record }) => {
    const { data } = decidedRecord.safeParse(record)
    const isOfStep = data?.step === step && data.direction === direction && data.round === round
    return isOfStep && data.decision === decision && data.by === by && data.reason === reason
  })
}

/** Decides about what was looked at, and about nothing else that needs attention by then. */
const decide = async (parts: Parts, saga: FoundSaga, asked: AskedRepair, parked: ParkedStep): Promise<Effect> => {
  const resolution = { ...parked, ...resolutionOf(asked) }
  const { workflowId } = await runToResolve(parts, saga)
  if (!(await isDecided(parts, saga, parked, resolution))) {
    const old = tooOld(asked, Date.now())
    if (old !== undefined) throw new Error(old)
    await sendResolution(parts.temporal, workflowId, resolution, `operation/${asked.operationId}`)
  }
  return effectOf({ ...parts, saga, workflowId, parked, undo: resolution.decision === 'undo' })
}

/** Starts a run again that was lost. One that is open by now was started by somebody else, or by this before. */
const driveOn = async (parts: Parts, saga: FoundSaga, asked: AskedRepair): Promise<Effect> => {
  const plan = await planRetry(parts.databases, parts.temporal, saga)
  if (plan.action === 'start-again') {
    const old = tooOld(asked, Date.now())
    if (old !== undefined) throw new Error(old)
    return carryOut(parts, saga, plan, signedBy(asked))
  }
  if (plan.action === 'resolve') throw new Error(`it needs attention by now (${planInShort(plan)}): look again`)
  return effectOf({ ...parts, saga, workflowId: saga.workflowId })
}

const carryOutOne = async (parts: Parts, asked: AskedRepair, target: Target) => {
  const saga = await found(parts, target)
  const { parked } = target
  if (parked === undefined && asked.wanted.kind === 'resolve')
    throw new Error('expected what the decision is about: look at it first')
  const effect = parked === undefined ? await driveOn(parts, saga, asked) : await decide(parts, saga, asked, parked)
  return { ...effect, text: effectInWords(effect) }
}

const nothingMore = ({ requestId, orderId, result, text }: Reported): RepairedSaga => ({
  ...{ requestId, orderId, result, text: said(text), done: [] },
})

/** Says what would be done for each. Throws while what has to be asked is away. */
export const planRepair = async (parts: Parts, asked: AskedRepair): Promise<OperationAnswer> => {
  const { sagas } = asked.wanted
  const looked = new Map<Target, RepairedSaga>()
  await inGroups(
    sagas.map((each) => [each]),
    lookedAtOnce,
    async (each) => {
      looked.set(each, await lookAt(parts, asked, each))
    },
  )
  return { kind: 'sagas', sagas: sagas.flatMap((each) => looked.get(each) ?? []) }
}

/** Does it, so many a second: one that comes to nothing holds up no other. Throws while what has to be asked is away: done again, nothing is done twice. */
export const carryOutRepair = async (parts: Parts, asked: AskedRepair): Promise<OperationAnswer> => {
  let away: unknown
  const send = (target: Target) =>
    carryOutOne(parts, asked, target).catch((error: unknown) => {
      if (isAway(error)) away = error
      throw error
    })
  const items = asked.wanted.sagas.map((target) => ({
    saga: { orderId: target.orderId, requestId: target.requestId, workflowId: '' },
    ...{ done: [], planned: { todo: true as const, text: '', send: () => send(target) } },
  }))
  const reported = await carryOutAll(items, perSecond)
  if (away !== undefined) throw away
  return { kind: 'sagas', sagas: reported.map(nothingMore) }
}
