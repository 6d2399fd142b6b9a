/** How far a method was off, by what it had expected: of each of the goods its own, in units. */
export interface Missed {
  readonly expected: number
  readonly error: number
}

/**
 * How far a method will be off at a level of demand: the errors of all goods together, on a line through their logarithms.
 * One kind of goods shows too few errors to know its own spread by.
 */
export const pooledSpread = (seen: readonly Missed[]): ((expected: number) => number) => {
  const levels = seen.map(({ expected }) => Math.log(Math.max(0, expected) + 1))
  const errors = seen.map(({ error }) => Math.log(Math.max(error, 1e-3)))
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length)
  const [level, error] = [mean(levels), mean(errors)]
  const together = levels.reduce((sum, each, nth) => sum + (each - level) * ((errors[nth] ?? 0) - error), 0)
  const alone = levels.reduce((sum, each) => sum + (each - level) ** 2, 0)
  const slope = alone === 0 ? 0 : together / alone
  return (expected) => Math.exp(error + slope * (Math.log(Math.max(0, expected) + 1) - level))
}
