import type { IntakeState, OperationAnswer, OperationResult } from '@countermand/contracts'
import { heldEvents } from '../intake/held.ts'
import { currentPause, type Pause, pause, pauseInWords, resume, wasHeldFor } from '../intake/pause.ts'
import { type Asked, type Parts, signedBy, tooOld } from './asked.ts'

/** The switch before intake, for somebody at a screen. */

export const intakeOf = (found: Pause | undefined, held?: number): IntakeState => ({
  paused: found !== undefined,
  ...(found === undefined ? {} : { by: found.by, reason: found.reason, since: found.since.toISOString() }),
  ...(held === undefined ? {} : { held }),
})

const answer = async (parts: Parts, result: OperationResult, text: string): Promise<OperationAnswer> => {
  const [found, held] = await Promise.all([currentPause(parts.temporal), heldEvents(parts.where)])
  return { kind: 'intake', result, text, intake: intakeOf(found, held) }
}

/** Holds new cancel events in Kafka. One that comes again after somebody has let them in is done: it holds nothing anew. */
export const pauseFor = async (parts: Parts, asked: Asked<'pause-intake'>): Promise<OperationAnswer> => {
  const { operationId } = asked
  const before = await currentPause(parts.temporal)
  if (before !== undefined)
    return before.operationId === operationId
      ? answer(parts, 'done', 'intake is paused')
      : answer(parts, 'nothing-done', pauseInWords(before))
  if (await wasHeldFor(parts.temporal, operationId))
    return answer(parts, 'done', 'intake was paused, and was let in again since')
  const old = tooOld(asked, Date.now())
  if (old !== undefined) return answer(parts, 'refused', old)
  const paused = await pause(parts.temporal, { ...signedBy(asked), operationId })
  return answer(parts, paused ? 'done' : 'nothing-done', paused ? 'intake is paused' : 'it was paused already')
}

/** Lets them in again. One that comes again after somebody has paused anew is done: it ends no pause of theirs. */
export const resumeFor = async (parts: Parts, asked: Asked<'resume-intake'>): Promise<OperationAnswer> => {
  const { operationId } = asked
  const before = await currentPause(parts.temporal)
  const isMine = await wasHeldFor(parts.temporal, operationId)
  if (before === undefined) return answer(parts, isMine ? 'done' : 'nothing-done', 'intake is open')
  if (isMine) return answer(parts, 'done', `intake was open, and ${pauseInWords(before)}`)
  const old = tooOld(asked, Date.now())
  if (old !== undefined) return answer(parts, 'refused', old)
  const resumed = await resume(parts.temporal, { ...signedBy(asked), operationId })
  return answer(parts, resumed ? 'done' : 'nothing-done', 'intake is open')
}
