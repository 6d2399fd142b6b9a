import { z } from 'zod'
import { requestedLine } from './cancel-requests.ts'
import { most } from './limits.ts'
import { amount, takenId as id, note, textOf, timestamp, words } from './primitives.ts'
import {
  attentionReason,
  inputRejection,
  lineKind,
  refusalCode,
  remedy,
  sagaStage,
  shipmentStatus,
} from './vocabulary.ts'

/** What commands and answers speak of: lines, parcels, and what only the saga knows (decisions, trouble, turns). */

/** Goods of what is cancelled, with their SKU, so that the stock can be found without the order. */
export const stockLine = requestedLine.extend({ sku: id })
/** What is cancelled and kept in stock. */
export const stockLines = z.array(stockLine).max(most.takenLines)
export type StockLine = z.infer<typeof stockLine>

/** A line of what is cancelled: goods have a SKU and say no kind. */
export const cancelledLine = requestedLine.extend({ sku: id.optional(), kind: lineKind.optional() })
/** The lines of what is cancelled. */
export const cancelledLines = z.array(cancelledLine).max(most.takenLines)
export type CancelledLine = z.infer<typeof cancelledLine>

/** What a person gave back otherwise, in minor units. Without a tender: of those that no channel was asked about yet. */
export const settledByHand = z.object({ tenderId: id.optional(), amount })
/** What was given back by hand, tender by tender, and of what no channel was asked about. */
export const settlements = z.array(settledByHand).max(most.refunds + 1)
export type SettledByHand = z.infer<typeof settledByHand>

/** A step, or what is known by one: the name of a record has a key in it. */
const stepName = textOf(300, 'a step')

/** A round of a step: what a person decides about, and what their decision closes. */
export const stepRound = z.object({ step: stepName, direction: z.enum(['do', 'undo']), round: z.int32().positive() })
export type StepRound = z.infer<typeof stepRound>

/** A step of a request that a person may be asked about, and that goes on once it is asked again. */
export const stepInNeed = z.object({ requestId: id, step: stepName, direction: z.enum(['do', 'undo']) })
export type StepInNeed = z.infer<typeof stepInNeed>

/** A person's way out for a saga that needs attention. */
export const resolution = z.object({
  step: stepName,
  direction: z.enum(['do', 'undo']),
  round: z.int32().positive(),
  decision: remedy,
  to: z.enum(['store-credit', 'bank-transfer']).optional(),
  /** With a `skip` of the refund: what of it was given back by hand. */
  settled: settlements.optional(),
  by: id,
  reason: note,
  at: timestamp,
})
/** As many as people make. What is told of them is shortened where it would be too much: see the order service. */
export const resolutions = z.array(resolution).max(most.entries)
export type Resolution = z.infer<typeof resolution>

/** What came, by its name: `decide`, `withdraw`, `resolve`, … */
export const inputName = textOf(128, 'the name of an input')

/** What an input is known by, however often it comes: the same one is answered as before. */
const inputId = textOf(200, 'an input id').optional()

/** Who gave a word by hand for whom it says (`by`, which is public): kept, and told to nobody. */
const operator = id.optional()

/** The merchant's decision, or what policy made of silence. */
export const approvalDecision = z.object({
  decision: z.enum(['approve', 'reject']),
  by: id,
  message: note.optional(),
  at: timestamp,
  inputId,
  operator,
})
export type ApprovalDecision = z.infer<typeof approvalDecision>

/** What came of stopping a parcel, or of letting it go on. `failure` says why it was not stopped. */
export const shipmentResult = z.object({
  shipmentId: id,
  result: z.enum(['not-needed', 'label-voided', 'intercepted', 'failed', 'resumed', 'paused']),
  failure: z
    .enum(['delivered', 'out-for-delivery', 'ineligible', 'refused', 'no-answer', 'holds-other-lines'])
    .optional(),
  /** Of one that is `paused`: its label is valid, and `ReleaseLabels` gives it back. Absent: there is nothing to give back. */
  labelKept: z.literal(true).optional(),
})
/** The same of each parcel. */
export const shipmentResults = z.array(shipmentResult).max(most.shipments)
export type ShipmentResult = z.infer<typeof shipmentResult>

/** A parcel, where it is. */
export const parcels = z.array(z.object({ shipmentId: id, status: shipmentStatus })).max(most.shipments)

/** The ways out that a person has: each once. */
export const remedies = z.array(remedy).max(remedy.options.length)

/** Why, and from where, a saga turned back: a run that starts again goes on with it. */
export const recordedTurn = z.object({
  outcome: z.enum(['refused', 'withdrawn', 'compensated']),
  code: refusalCode.optional(),
  stage: sagaStage,
  by: id.optional(),
  message: words.optional(),
  inputId,
  operator,
})
export type RecordedTurn = z.infer<typeof recordedTurn>

/** What the saga tells the order service of itself, which keeps it and tells the public: by `what` happened. */
export const cancellationRecord = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('awaiting-merchant'),
    decideBy: timestamp,
    onSilence: z.enum(['approve', 'reject']),
    shipments: parcels,
  }),
  z.object({ what: z.literal('decided'), ...approvalDecision.shape }),
  z.object({
    what: z.literal('needs-attention'),
    stage: sagaStage,
    reason: attentionReason,
    error: words,
    since: timestamp,
    remedies,
  }),
  z.object({ what: z.literal('resolved'), ...resolution.shape }),
  /** What needed attention does not any more, and nobody had to decide: `of` is the key of the record that told of it. */
  z.object({ what: z.literal('resumed'), of: textOf(256, 'a key'), at: timestamp }),
  z.object({ what: z.literal('turning-back'), ...recordedTurn.shape }),
  z.object({ what: z.literal('input-rejected'), input: inputName, code: inputRejection, at: timestamp, inputId }),
])
export type CancellationRecord = z.infer<typeof cancellationRecord>
