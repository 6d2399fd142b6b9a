import { asId } from '@countermand/contracts/text.ts'
import type { ByHand } from '../../protocol/inputs.ts'
import type { Saga } from './saga.ts'

/** Whose word an input is. `by` is public; `operator`, who gave it by hand for them, is recorded, and nobody else's business. */
export interface Word {
  readonly by: string
  readonly operator?: string
}

/** Who may take a request back in their own name. */
export const customersOf = ({ requested, held }: Saga) => [requested?.request.initiator.id, held?.customerId]

/** Who decided where nobody is named for whom it was done. */
export const anOperator = 'operator'

/** `own`: whose word it may be without anybody giving it for them. */
export const wordByHand = ({ by, onBehalfOf }: ByHand, own: readonly (string | undefined)[]): Word => {
  if (onBehalfOf === undefined) return own.includes(by) ? { by } : { by: anOperator, operator: asId(by) }
  return onBehalfOf === by ? { by } : { by: asId(onBehalfOf), operator: asId(by) }
}
