import { topics } from './topics.ts'

/** How much an order, and a message about it, may hold: what is read, checked, kept and published at once must stay small. */
export const most = {
  lines: 500,
  /** Of an order that was taken before there was a limit: more than a message of 1 MB could hold. */
  takenLines: 20_000,
  tenders: 50,
  /** Of an order, in all its life. */
  changes: 100,
  /** Of those, how many wait while a saga holds the order. */
  waitingChanges: 10,
  shipments: 200,
  /** Of what became of an order's tenders: one each, and room for those whose money went in parts. */
  refunds: 100,
  /** Of any list that has no limit of its own. */
  entries: 2_000,
  /** Of the id of a message, in bytes: the longest that this system derives fits, and the index of the events that were seen has room. */
  messageIdBytes: 1_600,
  /** Of a message of somebody else, in bytes. With what is filled in, it still fits everywhere that it is passed on to. */
  inputBytes: 262_144,
} as const

const inputs: ReadonlySet<string> = new Set([
  topics.ordersPlaced,
  topics.shipmentsTracking,
  topics.inventoryStock,
  topics.cancelRequests,
  topics.captures,
  topics.creditUses,
])

/** Whether messages of this topic come from others, whose size nobody has checked yet. */
export const isInput = (topic: string): boolean => inputs.has(topic)
