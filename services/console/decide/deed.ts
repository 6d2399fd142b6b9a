import type { Moment } from '@countermand/service/decision.ts'
import type { Case, Deed } from '../state.ts'
import type { Made } from './ask.ts'
import { nothingHeard } from './follow.ts'

/** What a member of staff does is written down with what came of it, in the transaction that does it: neither is there without the other. */

/** What came of it, in one word. */
export const cameOf = (asked: string | { readonly code: string }): string =>
  typeof asked === 'string' ? asked : asked.code

/** The same decision, with the deed beside it; also where nothing came of it. */
export const asDeed =
  (deed: Deed, make: (known: Case | undefined, at: Moment) => Made) =>
  (known: Case | undefined, at: Moment): Made => {
    const { decision, value } = make(known, at)
    const state = decision.state ?? known ?? nothingHeard
    const deeds = [...(state.deeds ?? []), { ...deed, came: cameOf(value) }]
    return { decision: { ...decision, state: { ...state, deeds } }, value }
  }
