/** A day that one has and another has not. */
export interface Difference {
  readonly calendar: string
  /** A country, or a part of it. */
  readonly place: string
  readonly on: string
  /** Who has it. */
  readonly by: 'ours' | string
}

/** As it is written in the list of what people have settled. */
export const differenceText = ({ calendar, place, on, by }: Difference): string => `${calendar} ${place} ${on} ${by}`

/** What ours and a library have of one place and year, one without the other. Both are sorted days. */
export const compareDays = (
  where: { readonly calendar: string; readonly place: string },
  ours: readonly string[],
  theirs: { readonly library: string; readonly days: readonly string[] },
): readonly Difference[] => [
  ...ours.filter((on) => !theirs.days.includes(on)).map((on) => ({ ...where, on, by: `ours, not ${theirs.library}` })),
  ...theirs.days.filter((on) => !ours.includes(on)).map((on) => ({ ...where, on, by: `${theirs.library}, not ours` })),
]

/** Differences that nobody has settled, and settled ones that are none any more. */
export const unsettled = (
  found: readonly Difference[],
  settled: ReadonlyMap<string, string>,
): { readonly open: readonly string[]; readonly gone: readonly string[] } => {
  const texts = [...new Set(found.map(differenceText))]
  return {
    open: texts.filter((text) => !settled.has(text)),
    gone: [...settled.keys()].filter((text) => !texts.includes(text)),
  }
}
