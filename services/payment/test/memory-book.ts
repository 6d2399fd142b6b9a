import { type BankBook, type BookEntry, resultAt, sandboxBank } from '../channels/sandbox.ts'

const machine = () => new Date().toISOString()

/** The sandbox's bank with its book in memory. `clock` gives ISO 8601. */
export const bankInMemory = (clock: () => string = machine) => {
  const entries = new Map<string, BookEntry>()
  const calls = new Map<string, number>()
  const book: BankBook = {
    countCall: async ({ orderId, tenderId }) => {
      const key = JSON.stringify([orderId, tenderId])
      const count = (calls.get(key) ?? 0) + 1
      calls.set(key, count)
      return count
    },
    enter: async (key, entry) => {
      if (!entries.has(key)) entries.set(key, entry)
    },
    find: async (key) => entries.get(key),
    async *entered({ from, to }) {
      yield* [...entries].filter(([, { bookedAt }]) => bookedAt >= from && bookedAt < to)
    },
  }
  return {
    sandbox: sandboxBank(book, clock),
    /** Minor units that the bank has given back and not taken again, by idempotency key: of one tender, or of all. */
    moved: (tenderId?: string): ReadonlyMap<string, number> =>
      new Map(
        [...entries].flatMap(([key, entry]) =>
          (tenderId === undefined || entry.tenderId === tenderId) &&
          resultAt(clock(), key, entry).outcome === 'succeeded'
            ? [[key, entry.amount] as const]
            : [],
        ),
      ),
  }
}

export type MemoryBank = ReturnType<typeof bankInMemory>
