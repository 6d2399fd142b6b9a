import type { Random } from '../random.ts'

/** Of mean 0 and spread 1 (Box and Muller). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Of mean 1: how long until something comes that may come at any time. */
export const exponential = (random: Random): number => -Math.log(1 - random())

/** A place in a list whose weights add up to anything. */
export const pick = (random: Random, weights: Float64Array): number => {
  let left = random() * weights.reduce((sum, each) => sum + each, 0)
  for (let at = 0; at < weights.length; at += 1) {
    left -= weights[at] ?? 0
    if (left < 0) return at
  }
  return weights.length - 1
}

export const chanceOf = (margin: number): number => 1 / (1 + Math.exp(-margin))
