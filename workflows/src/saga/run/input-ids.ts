import { clean, isClean } from '@countermand/contracts/text.ts'

/** What inputs are known by: who sends one by hand chooses any text, and records and activities keep only short ones. */

/** Records keep 200 characters of it. */
const mostOfId = 197
const kept = 150

/** 53 bits of a text (cyrb53). The sandbox of workflows has no cryptography, and whoever wants two inputs to be one may send one id twice. */
const hash = (text: string, seed: number): string => {
  let one = 0xdeadbeef ^ seed
  let two = 0x41c6ce57 ^ seed
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    one = Math.imul(one ^ unit, 2_654_435_761)
    two = Math.imul(two ^ unit, 1_597_334_677)
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909)
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909)
  return (4_294_967_296 * (2_097_151 & two) + (one >>> 0)).toString(36)
}

/** Whether an id can be kept as it is. */
export const isKeepable = (id: string): boolean => id.length <= mostOfId && isClean(id)

/** An id that can be kept: a long one, or one that is no text, by its beginning and a digest of all of it, so that no two are one. */
export const keepableId = (id: string): string =>
  isKeepable(id) ? id : `${clean(id.slice(0, kept))}~${hash(id, 0)}${hash(id, 1)}`
