/** What was measured, beside what others came to. */
export interface Figure {
  readonly suite: string
  readonly name: string
  readonly value: number
  /** What the simplest way comes to, such as a moving average or the customer's own past rate. */
  readonly rival?: { readonly name: string; readonly value: number }
  /** What another came to on the same rows, and who. */
  readonly reference?: string
  readonly toReach?: { readonly atLeast: number } | { readonly atMost: number }
}

/** A measure that cannot be taken here, and why. */
export interface LeftOut {
  readonly suite: string
  readonly why: string
}

/** Whether it came to what was to be reached; `undefined`: nothing was. */
export const isReached = ({ value, toReach }: Figure): boolean | undefined => {
  if (toReach === undefined) return undefined
  return 'atLeast' in toReach ? value >= toReach.atLeast : value <= toReach.atMost
}
