import { exactly } from '@countermand/contracts/exactly.ts'
import { attentionReason, inputRejection, remedy, sagaOutcome, sagaStage } from '@countermand/contracts/vocabulary.ts'
import { z } from 'zod'
import type { Attention, InputAnswer, SagaStatus } from '../../src/protocol/inputs.ts'

/** What runs answer, checked as it comes in; what it means, the protocol says. */

export const attention = exactly<Attention>()(
  z.object({
    reason: attentionReason,
    step: z.string(),
    direction: z.enum(['do', 'undo']),
    round: z.number(),
    error: z.string(),
    since: z.string(),
    remedies: z.array(remedy),
  }),
)

/** Of the status, what a person needs to know to help. */
export const sagaStatus = exactly<Pick<SagaStatus, 'stage' | 'outcome' | 'waitingFor' | 'attention' | 'parked'>>()(
  z.object({
    stage: sagaStage,
    outcome: sagaOutcome.exactOptional(),
    waitingFor: z.string().exactOptional(),
    attention: attention.exactOptional(),
    parked: z.array(attention).exactOptional(),
  }),
)

export const inputAnswer = exactly<InputAnswer>()(
  z.discriminatedUnion('accepted', [
    z.object({ accepted: z.literal(true), kept: z.literal(true).exactOptional() }),
    z.object({ accepted: z.literal(false), code: inputRejection, message: z.string() }),
  ]),
)
