/** A share, and between what it may lie. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Wilson's interval of a share; `z` 1.96: 95 %. */
export const wilson = (hits: number, of: number, z = 1.96): Interval => {
  if (of === 0) return { low: 0, high: 1 }
  const share = hits / of
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of)
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** ln n! by the sum up to 30, by Stirling's series beyond. */
const logFactorial = (n: number): number => {
  if (n < 30) {
    let sum = 0
    for (let each = 2; each <= n; each += 1) sum += Math.log(each)
    return sum
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5)
}

/** The chance of at most `hits` of `of` when each comes with this chance. */
export const atMost = (hits: number, of: number, chance: number): number => {
  if (chance <= 0 || hits >= of) return 1
  if (chance >= 1) return 0
  let sum = 0
  for (let each = 0; each <= hits; each += 1)
    sum += Math.exp(
      logFactorial(of) -
        logFactorial(each) -
        logFactorial(of - each) +
        each * Math.log(chance) +
        (of - each) * Math.log1p(-chance),
    )
  return Math.min(1, sum)
}

/**
 * The greatest chance under which so few hits are not yet a surprise: the one-sided upper bound of Clopper and Pearson.
 * It promises at least `confidence` for any number of cases; without cases it is 1.
 */
export const upperBound = (hits: number, of: number, confidence = 0.95): number => {
  if (of === 0 || hits >= of) return 1
  let [low, high] = [hits / of, 1]
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2
    if (atMost(hits, of, middle) > 1 - confidence) low = middle
    else high = middle
  }
  return high
}

/** How many cases are needed to show, with so many hits among them, that their share is below the limit. */
export const casesNeeded = (limit: number, hits = 0, confidence = 0.95): number => {
  let [low, high] = [hits, Math.ceil((hits + 3) / limit) * 4]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (upperBound(hits, middle, confidence) <= limit) high = middle
    else low = middle
  }
  return high
}
