import { casesNeeded, upperBound } from './bounds.ts'

/** A request that a person decided, with what a model would have said of it. */
export interface DecidedCase {
  readonly wouldApprove: boolean
  /** The person said no, or what followed showed that no was right. */
  readonly refused: boolean
}

/** What an owner asks of a model before it may say yes by itself. */
export interface Demand {
  /** The share of its approvals that may be wrong at most. */
  readonly limit: number
  readonly confidence: number
}

export type Proof =
  | { readonly allowed: true; readonly approved: number; readonly wrong: number; readonly bound: number }
  | { readonly allowed: false; readonly reason: string; readonly bound: number }

const usual: Demand = { limit: 0.01, confidence: 0.95 }

/**
 * Whether cases of the owner's own show that a model may approve by itself: the upper bound of its wrong approvals lies below the limit.
 * Without cases, without any no among them, or when it approves everything, nothing is shown.
 */
export const prove = (cases: readonly DecidedCase[], { limit, confidence }: Demand = usual): Proof => {
  const approved = cases.filter(({ wouldApprove }) => wouldApprove)
  const wrong = approved.filter(({ refused }) => refused).length
  const bound = upperBound(wrong, approved.length, confidence)
  const no = (reason: string): Proof => ({ allowed: false, reason, bound })
  if (cases.length === 0)
    return no(`expected decided cases of your own, at least ${casesNeeded(limit, 0, confidence)}; got none`)
  if (!cases.some(({ refused }) => refused))
    return no('expected cases in which a person said no; without one nothing is shown')
  if (approved.length === cases.length)
    return no(`it approves all ${cases.length} cases, also those in which a person said no: it tells nothing apart`)
  if (bound <= limit) return { allowed: true, approved: approved.length, wrong, bound }
  const needed = casesNeeded(limit, wrong, confidence)
  return no(
    `${wrong} of ${approved.length} approvals would have been wrong, so up to ${(100 * bound).toFixed(2)} % may be; ` +
      `expected at most ${(100 * limit).toFixed(2)} %, which ${wrong} of ${needed} would show`,
  )
}
