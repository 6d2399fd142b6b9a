import { type Resolution, said } from '@countermand/contracts'

/** What an answer has room for, in bytes of JSON: far below what a broker takes, with the largest order beside it. */
const room = 300_000
const leastOfReason = 40

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/**
 * Decisions as an answer tells them. Who asks goes on by what was decided, and about what; where there are so many that all would not
 * fit, their reasons are cut. The order service keeps them whole.
 */
export const toldDecisions = (decisions: readonly Resolution[]): Resolution[] => {
  if (bytesOf(decisions) <= room) return [...decisions]
  const bare = bytesOf(decisions.map((each) => ({ ...each, reason: '' })))
  const share = Math.max(leastOfReason, Math.floor((room - bare) / decisions.length))
  return decisions.map((each) => ({ ...each, reason: said(each.reason, share) }))
}
