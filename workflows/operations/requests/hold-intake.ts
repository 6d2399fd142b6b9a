import type { IntakeState, OperationAnswer, OperationResult } from '@countermand/contracts'
import { WorkflowNotFoundError } from '@temporalio/client'
import { z } from 'zod'
import { pauseId } from '../../src/protocol/pause.ts'
import { heldEvents } from '../intake/held.ts'
import { currentPause, type Pause, pause, pauseInWords, resume } from '../intake/pause.ts'
import type { Temporal } from '../reach/temporal.ts'
import { type Asked, type Parts, signedBy, tooOld } from './asked.ts'

/** The switch before intake, for somebody at a screen. */

export const intakeOf = (found: Pause | undefined, held?: number): IntakeState => ({
  paused: found !== undefined,
  ...(found === undefined ? {} : { by: found.by, reason: found.reason, since: found.since.toISOString() }),
  ...(held === undefined ? {} : { held }),
})

const told = z.object({ by: z.string(), reason: z.string() })

/** Who ended the last pause; `undefined`: there was none, or it was ended in another way. */
const lastResumed = async ({ client }: Temporal) => {
  const handle = client.workflow.getHandle(pauseId)
  try {
    const { status } = await handle.describe()
    return status.name === 'COMPLETED' ? told.safeParse(await handle.result()).data : undefined
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

type Who = ReturnType<typeof signedBy>
const isBy = (one: Who | undefined, other: Who): boolean => one?.by === other.by && one.reason === other.reason

const answer = async (parts: Parts, result: OperationResult, text: string): Promise<OperationAnswer> => {
  const [found, held] = await Promise.all([currentPause(parts.temporal), heldEvents(parts.where)])
  return { kind: 'intake', result, text, intake: intakeOf(found, held) }
}

/** Holds new cancel events in Kafka. */
export const pauseFor = async (parts: Parts, asked: Asked<'pause-intake'>): Promise<OperationAnswer> => {
  const who = signedBy(asked)
  const before = await currentPause(parts.temporal)
  if (before !== undefined)
    return isBy(before, who)
      ? answer(parts, 'done', 'intake is paused')
      : answer(parts, 'nothing-done', pauseInWords(before))
  const old = tooOld(asked, Date.now())
  if (old !== undefined) return answer(parts, 'refused', old)
  const paused = await pause(parts.temporal, who)
  return answer(parts, paused ? 'done' : 'nothing-done', paused ? 'intake is paused' : 'it was paused already')
}

/** Lets them in again. */
export const resumeFor = async (parts: Parts, asked: Asked<'resume-intake'>): Promise<OperationAnswer> => {
  const who = signedBy(asked)
  if ((await currentPause(parts.temporal)) === undefined) {
    const isMine = isBy(await lastResumed(parts.temporal), who)
    return answer(parts, isMine ? 'done' : 'nothing-done', 'intake is open')
  }
  const old = tooOld(asked, Date.now())
  if (old !== undefined) return answer(parts, 'refused', old)
  const resumed = await resume(parts.temporal, who)
  return answer(parts, resumed ? 'done' : 'nothing-done', 'intake is open')
}
