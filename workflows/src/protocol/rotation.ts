/**
 * No search finds a run whose workflow task keeps failing, and a look at each open run costs a request. So a sweep looks at some of them,
 * in the order of their requests, and the next one at those behind.
 */
export interface Rotation {
  /** Requests up to this one had their turn. */
  readonly after: string
  /** How many runs this sweep may still look at. */
  readonly left: number
}

/** How many open runs a sweep looks at closely: with fewer open, each has its turn in each sweep. */
export const looksOfASweep = 500

/** The requests of a page whose turn it is, and where that leaves the rotation. The page is in the order of the rotation. */
export const nextInTurn = (
  requestIds: readonly string[],
  { after, left }: Rotation,
): { readonly chosen: ReadonlySet<string>; readonly rotation: Rotation } => {
  const chosen = requestIds.filter((requestId) => requestId > after).slice(0, left)
  return { chosen: new Set(chosen), rotation: { after: chosen.at(-1) ?? after, left: left - chosen.length } }
}

/** Where the next sweep begins. One that had turns to spare has come to the end. */
export const nextSweepAfter = ({ after, left }: Rotation): string => (left > 0 ? '' : after)

/** Where this sweep begins, by what the one before it returned. */
export const rotationFrom = (lastResult: unknown): Rotation => {
  const said =
    typeof lastResult === 'object' && lastResult !== null && 'nextAfter' in lastResult && lastResult.nextAfter
  return { after: typeof said === 'string' ? said : '', left: looksOfASweep }
}
