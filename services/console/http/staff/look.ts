import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OperationAnswer, OperationWanted } from '@countermand/contracts'
import { begin } from '../../decide/operation.ts'
import { looksAt, operationOf } from '../../store/operations.ts'
import type { Staff, Visit } from './desk.ts'

/** What only operations can see is asked of it; who asks waits a moment, and is then shown what it said last. */

/** So old may an answer be, in ms: whoever loads a page again sees what they saw. */
const newMs = 3_000
const waitMs = 2_000
const everyMs = 50

export interface Looked {
  /** Absent: operations has not said anything of it within the last hour. */
  readonly answer: OperationAnswer | undefined
  /** It did not answer just now. */
  readonly isOld: boolean
}

const isNew = (at: string): boolean => Date.now() - Date.parse(at) < newMs

export const lookAt = async (
  staff: Staff,
  { call, session: { subject, name } }: Visit,
  wanted: OperationWanted,
): Promise<Looked> => {
  const { database, service } = staff
  const { last, answered } = await looksAt(database, wanted)
  if (answered?.plannedAt !== undefined && isNew(answered.plannedAt)) return { answer: answered.plan, isOld: false }
  const isAsked = last !== undefined && last.plan === undefined && isNew(last.at)
  const operationId = isAsked ? last.operationId : randomUUID()
  if (!isAsked) {
    const asked = { operationId, wanted, author: { subject, name }, at: new Date().toISOString() }
    const make = begin({ ...asked, state: 'looking', stake: { sums: [], unknown: false } })
    await service.decide(operationId, make, call.traceparent)
  }
  const until = performance.now() + waitMs
  while (performance.now() < until) {
    const found = await operationOf(database, operationId)
    if (found?.plan !== undefined) return { answer: found.plan, isOld: false }
    await sleep(everyMs)
  }
  return { answer: answered?.plan, isOld: true }
}
