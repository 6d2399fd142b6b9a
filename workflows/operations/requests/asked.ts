import { type OperationAnswer, type OperationRequested, type OperationWanted, said } from '@countermand/contracts'
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

/** Whoever looks has gone by then, in ms. */
const lookedForMs = 30_000

export const isLook = ({ wanted }: Pick<OperationRequested, 'wanted'>): boolean => wanted.kind.startsWith('look-')

/** Whether nobody waits for what a look says any more. */
export const isForgotten = (asked: Pick<OperationRequested, 'wanted' | 'at'>, now: number): boolean =>
  isLook(asked) && now - Date.parse(asked.at) > lookedForMs

/**
 * What is answered instead of waiting on for what is `away`: of a look beforehand soon, of a deed when it would not be begun any more.
 * `undefined`: it is waited for. A deed may have been begun before: nobody can say.
 */
export const givenUp = (
  { dryRun, at }: Pick<OperationRequested, 'dryRun' | 'at'>,
  away: string,
  now: number,
): OperationAnswer | undefined => {
  const waited = now - Date.parse(at)
  if (dryRun)
    return waited > lookedForMs
      ? { kind: 'refused', text: said(`it could not be looked at, ask anew: ${away}`) }
      : undefined
  return waited > beginsWithinMs
    ? {
        kind: 'unsettled',
        text: said(`it was asked for at ${at}, look whether it was done before you ask anew: ${away}`),
      }
    : undefined
}

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
