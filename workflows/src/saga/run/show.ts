import type { Answer, SagaStage } from '@countermand/contracts'
import type { SearchAttributeUpdatePair } from '@temporalio/common'
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { attributes } from '../../protocol/search-attributes.ts'
import { details, doneBy } from './details.ts'
import { meterStage } from './meter.ts'
import { inNeed, type Saga, type Wait } from './saga.ts'

const wanted = (saga: Saga): SearchAttributeUpdatePair[] => [
  { key: attributes.stage, value: saga.stage },
  { key: attributes.needsAttention, value: saga.parked.length > 0 },
  { key: attributes.attentionReason, value: inNeed(saga)?.attention.reason ?? null },
  { key: attributes.merchantId, value: saga.held?.merchantId ?? null },
  { key: attributes.reasonCode, value: saga.requested?.request.reason.code ?? null },
  { key: attributes.outcome, value: saga.ended?.outcome ?? null },
]

/** Says in words where the saga is. Costs nothing. */
export const tell = (saga: Saga): void => setCurrentDetails(details(saga))

/** Makes the saga findable as it is now. Each change is billed, so only waits, parks and the end call it. */
export const show = (saga: Saga): void => {
  tell(saga)
  const known = workflowInfo().typedSearchAttributes
  const changes = wanted(saga).filter(({ key, value }) => (known.get(key) ?? null) !== value)
  if (changes.length > 0) upsertSearchAttributes(changes)
}

/** Notes what the saga waits for, and makes it findable before it waits. Call what it returns when the wait is over. */
export const waitFor = (saga: Saga, what: string): (() => void) => {
  const wait: Wait = { for: what, since: new Date().toISOString() }
  saga.waits = [...saga.waits, wait]
  show(saga)
  return () => {
    saga.waits = saga.waits.filter((each) => each !== wait)
    tell(saga)
  }
}

/** Notes in words what an answer says was done. */
export const noteDone = (saga: Saga, answer: Answer): void => {
  const words = doneBy(answer)
  if (words === undefined) return
  saga.done.push(words)
  tell(saga)
}

/** A new stage. It is found by search from the next wait on. */
export const enter = (saga: Saga, stage: SagaStage): void => {
  meterStage(saga)
  saga.stage = stage
  saga.stageSince = Date.now()
  tell(saga)
}
