/** The next number of a stream, in [0, 1). */
export type Random = () => number

/** The same stream for the same seed, on every machine (mulberry32; 2^32 numbers). */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A stream of its own for each name, so that a draw more in one place changes nothing in another. */
export const streamOf = (seed: number, name: string): Random => {
  let hash = seed >>> 0
  for (const sign of name) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return seeded(hash)
}

/** Puts the numbers below `size` into a random order. */
export const shuffled = (size: number, random: Random): Int32Array => {
  const order = Int32Array.from({ length: size }, (_, index) => index)
  for (let last = size - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}
