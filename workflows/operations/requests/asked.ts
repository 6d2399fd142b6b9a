import type { OperationRequested, OperationWanted } from '@countermand/contracts'
import { asId, clip } from '@countermand/contracts/text.ts'
import type { KafkaConnection } from '@countermand/kafka'
import type { System } from '../reach/system.ts'

/** A request, as one of its kind. */
export type Asked<Kind extends OperationWanted['kind']> = Omit<OperationRequested, 'wanted'> & {
  readonly wanted: Extract<OperationWanted, { readonly kind: Kind }>
}

export type AskedRepair = Asked<'retry'> | Asked<'resolve'>

export interface Parts extends System {
  readonly kafka: KafkaConnection
  /** How long to look what comes of a repair, in ms. */
  readonly waitMs: number
}

/** A deed that nobody carried out for so long is not begun any more, in ms: by then somebody has done something else. */
export const beginsWithinMs = 15 * 60_000

/** Why a deed is not to be begun, in words; `undefined`: it may be. */
export const tooOld = ({ at }: Pick<OperationRequested, 'at'>, now: number): string | undefined =>
  now - Date.parse(at) > beginsWithinMs
    ? `it was asked for at ${at}, and nobody carried it out within a quarter of an hour: look again, and ask anew`
    : undefined

const whyOf = ({ reason, approvedBy }: Pick<OperationRequested, 'reason' | 'approvedBy'>): string =>
  `${reason ?? 'no reason given'}${approvedBy === undefined ? '' : ` (approved by ${approvedBy})`}`

/** Who does it and why, as it is kept wherever it is done. */
export const signedBy = (asked: Pick<OperationRequested, 'by' | 'reason' | 'approvedBy'>) => ({
  by: asId(asked.by),
  reason: whyOf(asked).slice(0, 2_000),
})

/** A name of something, of as many characters as are told. */
export const labelOf = (text: string): string => clip(text, 200)

/** One line of a list, the same. */
export const lineOf = (text: string): string => clip(text, 60)
