import { deadLetterReason, type OperationAnswer, type OperationWanted, topics } from '@countermand/contracts'
import { mostShownValue } from '@countermand/contracts/operations.ts'
import { z } from 'zod'
import {
  approve,
  asShown,
  begin,
  drop,
  hasJustProved,
  isDangerous,
  type Moved,
  movedAlone,
  needsSecond,
  send,
  stakeOf,
} from '../../decide/operation.ts'
import { urgency } from '../../decide/urgency.ts'
import type { Invalid } from '../../pages/kit/form.ts'
import { attentionPage, mostChosen, type ShownAttention, waysOut } from '../../pages/staff/attention.ts'
import { letterPage, lettersPage, noLetterPage } from '../../pages/staff/letters.ts'
import { mostReason, operationPage, type Was } from '../../pages/staff/operation.ts'
import { isDeed } from '../../pages/staff/operations-parts.ts'
import { staffHrefs } from '../../pages/staff/parts.ts'
import { systemPage } from '../../pages/staff/system.ts'
import type { Operation, Stake } from '../../state.ts'
import { listStuck, stuckAmong } from '../../store/attention.ts'
import { listOperations, operationOf, sentLatelyBy } from '../../store/operations.ts'
import { requestIdOf } from '../api.ts'
import { type PageReply, type PageRoute, paramOf, queryOf, seeOther } from '../page-route.ts'
import { Problem } from '../problems.ts'
import { around, type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'
import { lookAt } from './look.ts'

/** What operators do: cases that are stuck, dead letters, intake. Each is looked at, then sent, and followed until operations says what came of it. */

const mostListed = 200
const mostLately = 20

const whoIn = ({ session: { subject, name } }: Visit) => ({ subject, name })

const isFresh = ({ session: { authenticatedAt } }: Visit): boolean => hasJustProved(authenticatedAt, Date.now())

const moverIn = (visit: Visit) => ({ who: whoIn(visit), isFresh: isFresh(visit) })

/** Each ended in the same way, whatever browsers make of them. */
const linesIn = (text: string): string => text.replaceAll(/\r\n?/g, '\n')

const wordsIn = (fields: URLSearchParams, name: string): string => linesIn((fields.get(name) ?? '').trim())

/** Why it is wanted, or what is wrong with that. */
const reasonIn = (
  staff: Staff,
  { fields, call, session }: Visit,
): { readonly reason: string; readonly errors: Invalid[] } => {
  const reason = wordsIn(fields, 'reason')
  const { say } = around(staff, call, session)
  if (reason === '') return { reason, errors: [{ field: 'reason', detail: say.operations.operation.reasonMissing }] }
  return { reason, errors: reason.length > mostReason ? [{ field: 'reason', detail: say.decide.messageLong }] : [] }
}

const nothingAtStake: Stake = { sums: [], unknown: false }

const beginning = async (
  staff: Staff,
  visit: Visit,
  wanted: OperationWanted,
  more: { readonly stake?: Stake; readonly reason?: string } = {},
): Promise<string> => {
  // Of the same form the same one.
  const content = JSON.stringify([wanted, more.reason])
  const operationId = requestIdOf(`operation ${visit.session.subject}`, content, visit.once)
  const operation: Operation = {
    ...{ operationId, wanted, author: whoIn(visit), at: new Date().toISOString(), state: 'looking' },
    stake: more.stake ?? nothingAtStake,
    ...(more.reason !== undefined && { reason: more.reason }),
  }
  await staff.service.decide(operationId, begin(operation), visit.call.traceparent)
  return operationId
}

const urgentReason = z.enum(urgency)

const attentionOf = async (
  staff: Staff,
  { call, session }: Visit,
  given: Pick<ShownAttention, 'chosen' | 'way' | 'errors'>,
): Promise<ShownAttention> => {
  const reason = urgentReason.safeParse(queryOf(call).get('reason')).data
  return {
    ...(await listStuck(staff.database, reason, session.merchants, mostListed)),
    ...(await listOperations(staff.database, mostLately)),
    ...{ reason, ...given, at: new Date().toISOString() },
  }
}

const showAttention =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const shown = await attentionOf(staff, visit, { chosen: new Set(), errors: [] })
    return show(staff, visit, (each) => attentionPage(shown, each))
  }

const wayOut = z.enum(waysOut)
type WayOut = z.infer<typeof wayOut>
type Saga = { readonly orderId: string; readonly requestId: string }

const wantedBy = (way: WayOut, sagas: Saga[]): OperationWanted => {
  if (way === 'retry') return { kind: 'retry', sagas }
  if (way === 'undo' || way === 'skip') return { kind: 'resolve', decision: way, sagas }
  return { kind: 'resolve', decision: 'refund-elsewhere', to: way, sagas }
}

const lookAtSagas =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, call, session } = visit
    const chosen = [...new Set(fields.getAll('request'))]
    const way = wayOut.safeParse(fields.get('way')).data
    const { say, speech } = around(staff, call, session)
    const { missing, tooMany } = say.operations.attention
    const refuse = async (detail: string): Promise<PageReply> => {
      const errors = [{ field: 'request', detail }]
      const shown = await attentionOf(staff, visit, { chosen: new Set(chosen), way, errors })
      return show(staff, visit, (each) => attentionPage(shown, each), 422)
    }
    if (chosen.length > mostChosen) return refuse(tooMany(speech.number(mostChosen)))
    const found = await stuckAmong(staff.database, chosen, session.merchants)
    if (found.length === 0 || way === undefined) return refuse(missing)
    const sagas = found.map(({ request: { orderId, requestId } }) => ({ orderId, requestId }))
    const stake = stakeOf(found.map(({ request }) => request))
    return seeOther(staffHrefs.operation(await beginning(staff, visit, wantedBy(way, sagas), { stake })))
  }

const operationAt = async (staff: Staff, { call }: Visit): Promise<Operation> => {
  const found = await operationOf(staff.database, paramOf(call, 'operationId'))
  if (found === undefined || !isDeed(found.wanted)) throw new Problem('not-found', 'expected a deed of operations')
  return found
}

const was = z.enum(['again', 'gone', 'own', 'nothing', 'stale'])

/** What its author has moved alone within a day: it counts with what they send next. */
const movedBefore = async ({ database }: Staff, { author }: Operation): Promise<Stake> =>
  movedAlone(await sentLatelyBy(database, author.subject))

const operationReply = async (
  staff: Staff,
  visit: Visit,
  operation: Operation,
  given: { readonly was?: Was | undefined; readonly draft?: string; readonly errors: readonly Invalid[] },
  status = 200,
): Promise<PageReply> => {
  const wanted = asShown(operation.wanted, operation.plan) ?? operation.wanted
  const is = {
    ...{ own: operation.author.subject === visit.session.subject, fresh: isFresh(visit) },
    dangerous: isDangerous(wanted),
    second: needsSecond({ ...operation, wanted }, staff.secondPersonFrom, await movedBefore(staff, operation)),
  }
  const shown = { operation, is, at: new Date().toISOString(), ...given }
  return show(staff, visit, (each) => operationPage(shown, each), status)
}

const showOperation =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const operation = await operationAt(staff, visit)
    return operationReply(staff, visit, operation, {
      was: was.safeParse(queryOf(visit.call).get('was')).data,
      errors: [],
    })
  }

/** Back to its page, which says what came of it. */
const afterwards = (operationId: string, came: Moved): PageReply => {
  const href = staffHrefs.operation(operationId)
  return seeOther(came === 'done' ? href : `${href}?${new URLSearchParams({ was: came })}`)
}

const sendOperation =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const operation = await operationAt(staff, visit)
    const { reason, errors } = reasonIn(staff, visit)
    if (errors.length > 0 && operation.state === 'looking')
      return operationReply(staff, visit, operation, { errors, draft: reason }, 422)
    const { operationId } = operation
    const make = send(reason, moverIn(visit), staff.secondPersonFrom, await movedBefore(staff, operation))
    return afterwards(operationId, await staff.service.decide(operationId, make, visit.call.traceparent))
  }

const approveOperation =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { operationId } = await operationAt(staff, visit)
    return afterwards(
      operationId,
      await staff.service.decide(operationId, approve(moverIn(visit)), visit.call.traceparent),
    )
  }

const dropOperation =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { operationId } = await operationAt(staff, visit)
    return afterwards(operationId, await staff.service.decide(operationId, drop(whoIn(visit))))
  }

const systemReply = async (
  staff: Staff,
  visit: Visit,
  given: { readonly draft?: string; readonly errors: readonly Invalid[] },
  status = 200,
): Promise<PageReply> => {
  const { answer, isOld } = await lookAt(staff, visit, { kind: 'look-system' })
  const system = answer?.kind === 'system' ? answer.system : undefined
  const own = await staff.service.readiness()
  return show(staff, visit, (each) => systemPage({ system, isOld, own, ...given }, each), status)
}

const switchIntake =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { reason, errors } = reasonIn(staff, visit)
    if (errors.length > 0) return systemReply(staff, visit, { errors, draft: reason }, 422)
    const to = z.enum(['pause', 'resume']).safeParse(visit.fields.get('to'))
    if (!to.success) throw new Problem('foreign-form', 'expected a form that says what intake is to do')
    return seeOther(staffHrefs.operation(await beginning(staff, visit, { kind: `${to.data}-intake` }, { reason })))
  }

/** Those whose messages may be dead letters. */
const topicNames = Object.values(topics).filter((topic) => topic !== topics.deadLettersLog)

const showLetters =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const query = queryOf(visit.call)
    const topic = z.enum(topicNames).safeParse(query.get('topic')).data
    const reason = deadLetterReason.safeParse(query.get('reason')).data
    const filters = { ...(topic !== undefined && { topic }), ...(reason !== undefined && { reason }) }
    const { answer, isOld } = await lookAt(staff, visit, { kind: 'look-letters', ...filters })
    const found = answer?.kind === 'letters' ? answer : undefined
    const shown = { letters: found?.letters, all: found?.all ?? 0, isOld, filters }
    const choices = { topics: topicNames, reasons: deadLetterReason.options }
    return show(staff, visit, (each) => lettersPage({ ...shown, ...choices }, each))
  }

/** As `<topic>:<partition>:<offset>` of the message. */
const letterIdIn = ({ call }: Visit): string => {
  const letterId = paramOf(call, 'letterId')
  if (letterId.length > 512 || !/^[^:]+:\d+:\d+$/.test(letterId))
    throw new Problem('not-found', 'expected the id of a dead letter')
  return letterId
}

const letterIn = (answer: OperationAnswer | undefined) => (answer?.kind === 'letter' ? answer.letter : undefined)

const showLetter =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> =>
    letterReply(staff, visit, { errors: [] })

const letterReply = async (
  staff: Staff,
  visit: Visit,
  given: {
    readonly draft?: { readonly reason?: string; readonly value?: string }
    readonly errors: readonly Invalid[]
  },
  status = 200,
): Promise<PageReply> => {
  const letterId = letterIdIn(visit)
  const { answer } = await lookAt(staff, visit, { kind: 'look-letter', letterId })
  const letter = letterIn(answer)
  if (letter === undefined)
    return show(staff, visit, (each) => noLetterPage(answer === undefined, each), answer === undefined ? 503 : 404)
  return show(staff, visit, (each) => letterPage({ letter, ...given }, each), status)
}

/** The value, where it is another one: browsers end lines in their own way. */
const editedIn = (fields: URLSearchParams, value: string | undefined): string | undefined => {
  const given = fields.get('value')
  if (given === null || value === undefined) return undefined
  return linesIn(given) === linesIn(value) ? undefined : linesIn(given)
}

const lookAtRedrive =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const letterId = letterIdIn(visit)
    const { answer } = await lookAt(staff, visit, { kind: 'look-letter', letterId })
    const letter = letterIn(answer)
    if (letter === undefined)
      return show(staff, visit, (each) => noLetterPage(answer === undefined, each), answer === undefined ? 503 : 404)
    const value = editedIn(visit.fields, letter.value)
    if (value !== undefined && value.length > mostShownValue) {
      const { say } = around(staff, visit.call, visit.session)
      const errors = [{ field: 'value', detail: say.operations.letters.valueLong }]
      return letterReply(staff, visit, { errors, draft: { value } }, 422)
    }
    const wanted = { kind: 'redrive', letterId, ...(value !== undefined && { value }) } as const
    // What another value does, nobody can count.
    const stake = { sums: [], unknown: value !== undefined }
    return seeOther(staffHrefs.operation(await beginning(staff, visit, wanted, { stake })))
  }

const discardLetter =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const letterId = letterIdIn(visit)
    const { reason, errors } = reasonIn(staff, visit)
    if (errors.length > 0) return letterReply(staff, visit, { errors, draft: { reason } }, 422)
    return seeOther(staffHrefs.operation(await beginning(staff, visit, { kind: 'discard', letterId }, { reason })))
  }

export const operationsPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.attention, showAttention(staff)),
  staffPage(staff, staffEndpoints.lookAtSagas, lookAtSagas(staff)),
  staffPage(staff, staffEndpoints.operation, showOperation(staff)),
  staffPage(staff, staffEndpoints.sendOperation, sendOperation(staff)),
  staffPage(staff, staffEndpoints.approveOperation, approveOperation(staff)),
  staffPage(staff, staffEndpoints.dropOperation, dropOperation(staff)),
  staffPage(staff, staffEndpoints.system, (visit) => systemReply(staff, visit, { errors: [] })),
  staffPage(staff, staffEndpoints.intake, switchIntake(staff)),
  staffPage(staff, staffEndpoints.letters, showLetters(staff)),
  staffPage(staff, staffEndpoints.letter, showLetter(staff)),
  staffPage(staff, staffEndpoints.redrive, lookAtRedrive(staff)),
  staffPage(staff, staffEndpoints.discard, discardLetter(staff)),
]
