import { type OperationAnswer, type ShownLetter, said, type WholeLetter } from '@countermand/contracts'
import { mostListedLetters, mostShownValue } from '@countermand/contracts/operations.ts'
import { isClean } from '@countermand/contracts/text.ts'
import { type LetterBox, readBox } from '../dead-letters/box.ts'
import { chosen, letterNamed, topicNamed } from '../dead-letters/choose.ts'
import { withClosed } from '../dead-letters/closed.ts'
import { documentOf } from '../dead-letters/document.ts'
import { handleLetters } from '../dead-letters/handle.ts'
import { type Letter, topicOfId } from '../dead-letters/letter.ts'
import type { Task } from '../dead-letters/plan.ts'
import { preview } from '../dead-letters/preview.ts'
import { redriveTask } from '../dead-letters/redrive.ts'
import { type Asked, labelOf, type Parts, signedBy, tooOld } from './asked.ts'

/** Dead letters, for somebody at a screen. */

const given = <Value>(name: string, value: Value | null | undefined) =>
  value === null || value === undefined ? {} : { [name]: value }

const shownOf = (box: LetterBox, letter: Letter): ShownLetter => {
  const { id: letterId, topic, key, type, reason, error, service, failedAt, state, redrives } = documentOf(box, letter)
  return {
    ...{ letterId, topic: labelOf(topic), reason: labelOf(reason), error: said(error), service: labelOf(service) },
    ...{ failedAt: labelOf(failedAt), state, redrives },
    ...given('key', key === null ? null : labelOf(key)),
    ...given('type', type === null ? null : labelOf(type)),
  }
}

/** As it can be shown and edited; `undefined`: it cannot. */
const shownValue = ({ value }: Letter): string | undefined => {
  if (value === null || value.length > mostShownValue) return undefined
  const text = value.toString('utf8')
  return isClean(text) && Buffer.from(text).equals(value) ? text : undefined
}

const wholeOf = (box: LetterBox, letter: Letter): WholeLetter => ({
  ...shownOf(box, letter),
  headers: Object.entries(letter.headers)
    .slice(0, 60)
    .map(([name, value]) => ({ name: labelOf(name), value: said(value) })),
  ...given('value', shownValue(letter)),
  failures: letter.failures.slice(0, 10).map(({ service, reason, error, failedAt }) => ({
    ...{ service: labelOf(service), reason: labelOf(reason), error: said(error), failedAt: labelOf(failedAt) },
  })),
  log: box.log
    .of(letter.id)
    .slice(-20)
    .map(({ what, by, why, at }) => ({ what, by, at, ...given('why', why) })),
})

/** Those that nobody has dealt with, the newest first. */
export const listLetters = async ({ kafka }: Parts, { wanted }: Asked<'look-letters'>): Promise<OperationAnswer> => {
  const { topic, reason } = wanted
  const box = await readBox({ kafka, ...(topic === undefined ? {} : { topics: [topicNamed(topic)] }) })
  const open = chosen(box, { open: true, ...(reason === undefined ? {} : { reason }) }).toReversed()
  const letters = open.slice(0, mostListedLetters).map((letter) => shownOf(box, letter))
  return { kind: 'letters', letters, all: open.length }
}

const boxOf = ({ kafka }: Parts, id: string): Promise<LetterBox> => readBox({ kafka, topics: [topicOfId(id)] })

export const showLetter = async (parts: Parts, { wanted }: Asked<'look-letter'>): Promise<OperationAnswer> => {
  const box = await boxOf(parts, wanted.letterId)
  return { kind: 'letter', letter: wholeOf(box, letterNamed(box, wanted.letterId)) }
}

const taskOf = async (parts: Parts, { letterId, value }: Asked<'redrive'>['wanted']) => {
  const box = await boxOf(parts, letterId)
  const letter = letterNamed(box, letterId)
  const planned = redriveTask(box, letter, value === undefined ? undefined : Buffer.from(value))
  const [task = planned] = await withClosed(parts.where, [planned])
  return { box, task }
}

/** What a redrive would do. */
export const planRedrive = async (parts: Parts, { wanted }: Asked<'redrive'>): Promise<OperationAnswer> => {
  const { letterId } = wanted
  const { box, task } = await taskOf(parts, wanted)
  const [found] = preview(box, [task], false)
  if (found === undefined || 'refused' in found)
    return { kind: 'handled', letterId, result: 'refused', text: said(found?.refused ?? 'there is no such letter') }
  const { problem, topic } = found
  return {
    ...{ kind: 'handled', letterId, result: 'would' },
    text: said(problem === undefined ? `it goes to ${topic}` : `it goes to ${topic}, and would fail again: ${problem}`),
  }
}

const handle = async (
  { kafka }: Parts,
  asked: Asked<'redrive'> | Asked<'discard'>,
  task: Task,
): Promise<OperationAnswer> => {
  const { letterId } = asked.wanted
  const { by, reason } = signedBy(asked)
  const [came] = await handleLetters({
    ...{ kafka, tasks: [task], operator: { by, why: reason }, force: false },
    recordIdOf: () => asked.operationId,
  })
  if (came === undefined) return { kind: 'handled', letterId, result: 'refused', text: 'there is no such letter' }
  if ('refused' in came) return { kind: 'handled', letterId, result: 'refused', text: said(came.refused) }
  const { done } = came
  const text =
    done.what === 'redriven'
      ? `sent to ${done.to.topic}, partition ${done.to.partition}, offset ${done.to.offset}`
      : 'it needs nothing more'
  return { kind: 'handled', letterId, result: 'done', text }
}

const isDone = (box: LetterBox, letterId: string, operationId: string): boolean =>
  box.log.of(letterId).some(({ recordId }) => recordId === operationId)

/** Sends the message of a letter to its topic again, once. */
export const redriveFor = async (parts: Parts, asked: Asked<'redrive'>): Promise<OperationAnswer> => {
  const { box, task } = await taskOf(parts, asked.wanted)
  const old = isDone(box, task.letter.id, asked.operationId) ? undefined : tooOld(asked, Date.now())
  if (old !== undefined) return { kind: 'handled', letterId: task.letter.id, result: 'refused', text: old }
  return handle(parts, asked, task)
}

/** Notes that it needs nothing more. */
export const discardFor = async (parts: Parts, asked: Asked<'discard'>): Promise<OperationAnswer> => {
  const { letterId } = asked.wanted
  const box = await boxOf(parts, letterId)
  const old = isDone(box, letterId, asked.operationId) ? undefined : tooOld(asked, Date.now())
  if (old !== undefined) return { kind: 'handled', letterId, result: 'refused', text: old }
  return handle(parts, asked, { letter: letterNamed(box, letterId) })
}
