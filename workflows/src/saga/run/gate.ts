import type { ApprovalDecision, InputRejection } from '@countermand/contracts'
import { condition, patched } from '@temporalio/workflow'
import type { ByHand, Decided, InputAnswer } from '../../protocol/inputs.ts'
import { moment } from '../../protocol/words.ts'
import { kept } from './hear.ts'
import { record, rejectInput } from './records.ts'
import { type HeldDecision, heldOrder, overBecause, type Saga } from './saga.ts'
import { waitFor } from './show.ts'
import { wordByHand } from './whose-word.ts'

/** Who decided when the merchant did not. */
export const policyOnSilence = 'policy:silence'

/** A decision that was in time may be read a little late: a tenth of the time that there was, from 2 s to 1 min. */
const graceMs = (timeLeftMs: number): number => Math.min(Math.max(timeLeftMs / 10, 2_000), 60_000)

const answerDecision = async (saga: Saga, held: HeldDecision, code: InputRejection, message: string): Promise<void> => {
  held.answer = await rejectInput(saga, { name: 'decide', inputId: held.decided.inputId }, code, message)
}

/** Whoever decided before the gate that was not needed, or beside the one that counted, is told that it changes nothing. */
export const passGate = async (saga: Saga): Promise<void> => {
  saga.gate = 'passed'
  const counted = heldOrder(saga).decided.approval?.inputId
  const answer = async (held: HeldDecision) => {
    // The one that counted for an earlier run came again.
    if (held.decided.inputId === counted) held.answer = { accepted: true }
    else await answerDecision(saga, held, 'already-decided', 'it was decided already')
  }
  await Promise.all(saga.decisions.splice(0).map(answer))
}

/** Tells of the decisions that were kept for a gate to which the saga never came. */
export const tellKept = async (saga: Saga): Promise<void> => {
  const over = overBecause(saga)
  const rest = saga.decisions.splice(0).filter((held) => held.kept)
  if (over !== undefined) await Promise.all(rest.map((held) => answerDecision(saga, held, over.code, over.message)))
}

/** Nobody decides after it was heard: a sender's clock that is ahead makes no decision late. */
const isInTime = ({ at, arrivedAt }: HeldDecision['decided'], decideBy: number): boolean =>
  Date.parse(at) <= decideBy || (Date.parse(arrivedAt) <= decideBy && patched('a-decision-counts-by-its-arrival'))

/** What the gate is about, as the order service has promised it. */
interface Gate {
  readonly decideBy: string
  readonly onSilence: 'approve' | 'reject'
  /** Whose decision counts; absent: anybody's. */
  readonly from?: readonly string[] | undefined
}

/** Runs of before there was `from` in what they were told took anybody's word, and so did those that have taken one. */
const isAllowed = ({ decided: { by }, byEvent }: HeldDecision, { from }: Gate): boolean =>
  !byEvent || from === undefined || from.includes(by) || !patched('a-decision-is-the-merchants')

/** The first decision that counts; those after the deadline, and those of others, are told so. */
const takeInTime = (saga: Saga, gate: Gate, rejected: Promise<void>[]): HeldDecision | undefined => {
  const { decideBy } = gate
  for (let held = saga.decisions.shift(); held !== undefined; held = saga.decisions.shift()) {
    if (!isAllowed(held, gate))
      rejected.push(answerDecision(saga, held, 'not-allowed', `it is not for ${held.decided.by} to decide`))
    else if (isInTime(held.decided, Date.parse(decideBy))) return held
    else rejected.push(answerDecision(saga, held, 'too-late', `the deadline was ${decideBy}`))
  }
  return undefined
}

const firstInTime = async (saga: Saga, gate: Gate): Promise<HeldDecision | undefined> => {
  const { decideBy } = gate
  const rejected: Promise<void>[] = []
  const left = Date.parse(decideBy) - Date.now()
  const closesAt = Date.parse(decideBy) + graceMs(left)
  let taken = takeInTime(saga, gate, rejected)
  while (taken === undefined && Date.now() < closesAt) {
    await condition(() => saga.decisions.length > 0, closesAt - Date.now())
    taken = takeInTime(saga, gate, rejected)
  }
  await Promise.all(rejected)
  return taken
}

const earlier = (one: string, other: string): string => (Date.parse(other) < Date.parse(one) ? other : one)

const approvalOf = (saga: Saga, { decided, byEvent }: HeldDecision, { from = [] }: Gate): ApprovalDecision => {
  const { decision, message, at, arrivedAt, inputId } = decided
  const word = byEvent ? { by: decided.by } : wordByHand(decided, [heldOrder(saga).merchantId, ...from])
  return {
    ...{ decision, ...word },
    ...(message === undefined ? {} : { message }),
    ...{ at: earlier(at, arrivedAt), inputId },
  }
}

const deciderOf = ({ by, operator }: ApprovalDecision): string =>
  operator === undefined ? by : `${operator} for ${by}`

/**
 * Waits for the merchant's decision until the deadline; after it, policy says what silence means. What was decided is
 * recorded before it is returned, so that a run that starts again does not ask twice.
 */
export const merchantsDecision = async (saga: Saga, gate: Gate): Promise<ApprovalDecision> => {
  const { decideBy, onSilence } = gate
  const { decided, parcels } = heldOrder(saga)
  if (decided.approval !== undefined) return decided.approval
  saga.gate = 'open'
  const over = waitFor(saga, `the merchant's decision, until ${moment(decideBy)} (without one: ${onSilence})`)
  await record(saga, 'awaiting-merchant', { what: 'awaiting-merchant', decideBy, onSilence, shipments: parcels })
  const taken = await firstInTime(saga, gate)
  const approval: ApprovalDecision =
    taken === undefined
      ? { decision: onSilence, by: policyOnSilence, message: `no answer by ${decideBy}`, at: decideBy }
      : approvalOf(saga, taken, gate)
  await record(saga, 'approval', { what: 'decided', ...approval })
  if (taken !== undefined) taken.answer = { accepted: true }
  saga.done.push(`${approval.decision === 'approve' ? 'approved' : 'rejected'} by ${deciderOf(approval)}`)
  over()
  return approval
}

/** Takes a merchant's decision, and returns what came of it; before the gate opens, that it is kept for it. */
export const decide = async (
  saga: Saga,
  decided: Decided & Pick<ByHand, 'onBehalfOf'>,
  way: 'event' | 'by-hand',
): Promise<InputAnswer> => {
  const input = { name: 'decide', inputId: decided.inputId } as const
  const arrivedAt = decided.arrivedAt ?? new Date().toISOString()
  const byEvent = way === 'event'
  const held: HeldDecision = { decided: { ...decided, arrivedAt }, byEvent, kept: false, answer: undefined }
  if (overBecause(saga) === undefined) {
    if (saga.gate === 'passed') return rejectInput(saga, input, 'already-decided', 'it was decided already')
    saga.decisions.push(held)
    held.kept = saga.gate === 'ahead' && patched('a-kept-decision-is-answered')
    if (held.kept) return kept
    await condition(() => held.answer !== undefined || overBecause(saga) !== undefined)
  }
  const over = overBecause(saga)
  if (held.answer !== undefined || over === undefined) return held.answer ?? { accepted: true }
  return rejectInput(saga, input, over.code, over.message)
}
