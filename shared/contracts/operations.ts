import { z } from 'zod'
import { amount, currency, id, note, takenId, textOf, timestamp, words } from './primitives.ts'
import { attentionReason, remedy } from './vocabulary.ts'

/**
 * What a person at a screen asks of the operations process, and what came of it. Whoever asks names the operation by an id of its own:
 * the same one again is the same deed, done once.
 */

/** So many sagas are repaired by one request. */
export const mostRepaired = 50

/** Of the value of a dead letter, so many characters are shown, and may be put in its place. */
export const mostShownValue = 16_000

/** So many dead letters are listed. */
export const mostListedLetters = 80

/** As many steps of a saga, each in so many characters, are told of. */
const mostDone = 24
const line = textOf(60, 'a line')

/** A name, or the like, of something. */
const label = textOf(200, 'a label')

const letterId = textOf(512, 'the id of a dead letter').min(1)

/** Where money may be sent instead of back where it came from. */
export const elsewhere = z.enum(['store-credit', 'bank-transfer'])

/** What a person looked at: a decision is about this trouble, and about nothing else that needs attention by then. */
const parkedStep = z.object({
  step: textOf(300, 'a step').min(1),
  direction: z.enum(['do', 'undo']),
  round: z.int().positive(),
})
export type ParkedStep = z.infer<typeof parkedStep>

const saga = z.object({ orderId: takenId, requestId: takenId })

/** Absent: whatever needs attention. A deed, unlike a look beforehand, says which. */
const target = saga.extend({ parked: parkedStep.optional() })
const targets = z.array(target).min(1).max(mostRepaired)

/** What is wanted, by its kind. Those that begin with `look-` change nothing. */
export const operationWanted = z.discriminatedUnion('kind', [
  /** Drives sagas on: the step that needs attention once more, or a run that was lost. */
  z.object({ kind: z.literal('retry'), sagas: targets }),
  /** Decides what needs attention. */
  z.object({ kind: z.literal('resolve'), decision: remedy, to: elsewhere.optional(), sagas: targets }),
  /** Holds new cancel events in Kafka, or lets them in again. */
  z.object({ kind: z.literal('pause-intake') }),
  z.object({ kind: z.literal('resume-intake') }),
  /** Sends the message of a dead letter to its topic again: as it was, or with this value. */
  z.object({ kind: z.literal('redrive'), letterId, value: textOf(mostShownValue, 'a value').optional() }),
  /** Says that a dead letter needs nothing more. */
  z.object({ kind: z.literal('discard'), letterId }),
  z.object({ kind: z.literal('look-system') }),
  /** Those that nobody has dealt with, the newest first; of this topic or reason alone. */
  z.object({ kind: z.literal('look-letters'), topic: textOf(249, 'a topic').optional(), reason: id.optional() }),
  z.object({ kind: z.literal('look-letter'), letterId }),
])
export type OperationWanted = z.infer<typeof operationWanted>
/** What of it is meant. */
export type OperationKind = OperationWanted['kind']

/** `operation.requested.v1`: a person asks for it. */
export const operationRequested = z.object({
  operationId: id,
  /** What it would do is wanted, and nothing done. */
  dryRun: z.boolean(),
  /** Who does it, and why; `approvedBy`: the second person. */
  by: takenId,
  approvedBy: takenId.optional(),
  reason: note.optional(),
  at: timestamp,
  wanted: operationWanted,
})
export type OperationRequested = z.infer<typeof operationRequested>

/**
 * `would`: it is possible, and nothing was done yet. `nothing-done`: nothing was needed. `unsettled`: it was sent, and has not helped so far, or
 * nobody knows yet. `refused`: it was not possible, and nothing was done.
 */
export const operationResult = z.enum(['would', 'done', 'nothing-done', 'unsettled', 'refused'])
export type OperationResult = z.infer<typeof operationResult>

/** What came of one saga, or would. */
export const repairedSaga = saga.extend({
  result: operationResult,
  /** In words, for people who look after the system. */
  text: words,
  /** What needs attention, as it was before. */
  parked: parkedStep
    .extend({ reason: attentionReason, error: words, since: timestamp, remedies: z.array(remedy).max(4) })
    .optional(),
  /** What the services have done of it already: none of it is done again. Absent: some of them did not say. */
  done: z.array(line).max(mostDone).optional(),
})
export type RepairedSaga = z.infer<typeof repairedSaga>

const intakeState = z.object({
  paused: z.boolean(),
  /** Of a pause: who, why, since when. */
  by: words.optional(),
  reason: words.optional(),
  since: timestamp.optional(),
  /** Cancel events that wait in Kafka. */
  held: z.int().nonnegative().optional(),
})
export type IntakeState = z.infer<typeof intakeState>

const money = z.object({ amount, currency })

/** How the system is, as far as it could be read. */
const systemState = z.object({
  at: timestamp,
  intake: intakeState.optional(),
  /** Requests whose order is on hold. */
  open: z.int().nonnegative().optional(),
  attention: z
    .array(z.object({ reason: label, sagas: z.int().nonnegative(), since: label, money: z.array(money).max(20) }))
    .max(20)
    .optional(),
  letters: z
    .array(z.object({ reason: label, letters: z.int().nonnegative(), oldest: label }))
    .max(20)
    .optional(),
  /** Messages that were not read yet, of each topic that has any. */
  lag: z
    .array(z.object({ reader: label, topic: label, messages: z.int().nonnegative() }))
    .max(100)
    .optional(),
  /** What did not answer, and what it said. */
  unread: z.array(z.object({ part: label, error: words })).max(20),
})
export type SystemState = z.infer<typeof systemState>

const shownLetter = z.object({
  letterId,
  topic: label,
  key: label.optional(),
  type: label.optional(),
  reason: label,
  error: words,
  service: label,
  /** ISO 8601, as far as its reader said so. */
  failedAt: label,
  state: z.enum(['open', 'redriven', 'failed-again', 'discarded']),
  /** How often its message had been redriven before. */
  redrives: z.int().nonnegative(),
})
export type ShownLetter = z.infer<typeof shownLetter>

const wholeLetter = shownLetter.extend({
  headers: z.array(z.object({ name: label, value: words })).max(60),
  /** Absent: it has none, is no text, or is too long to be shown. */
  value: textOf(mostShownValue, 'a value').optional(),
  failures: z.array(z.object({ service: label, reason: label, error: words, failedAt: label })).max(10),
  log: z
    .array(z.object({ what: z.enum(['redriven', 'discarded']), by: words, why: words.optional(), at: label }))
    .max(20),
})
export type WholeLetter = z.infer<typeof wholeLetter>

/** What came of a request, or would, by what it was about. */
export const operationAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sagas'), sagas: z.array(repairedSaga).max(mostRepaired) }),
  z.object({ kind: z.literal('intake'), result: operationResult, text: words, intake: intakeState }),
  z.object({ kind: z.literal('handled'), letterId, result: operationResult, text: words }),
  z.object({ kind: z.literal('system'), system: systemState }),
  z.object({
    kind: z.literal('letters'),
    letters: z.array(shownLetter).max(mostListedLetters),
    all: z.int().nonnegative(),
  }),
  z.object({ kind: z.literal('letter'), letter: wholeLetter }),
  /** Nobody knows whether the whole of it was done. */
  z.object({ kind: z.literal('unsettled'), text: words }),
  /** The whole of it was not possible. */
  z.object({ kind: z.literal('refused'), text: words }),
])
export type OperationAnswer = z.infer<typeof operationAnswer>

/** `operation.answered.v1`: what came of it, or would. */
export const operationAnswered = z.object({
  operationId: id,
  dryRun: z.boolean(),
  at: timestamp,
  answer: operationAnswer,
})
export type OperationAnswered = z.infer<typeof operationAnswered>
