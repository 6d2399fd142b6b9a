import type { CarrierCall } from '../carriers/carrier.ts'
import { type BookEntry, blankEntry, type CarrierBook, type Turn } from '../carriers/sandbox.ts'

const machine = () => new Date().toISOString()

/** The sandbox carrier's book in memory. `clock` gives ISO 8601. */
export const carrierInMemory = (clock: () => string = machine) => {
  const entries = new Map<string, BookEntry>()
  const known = new Map<string, unknown>()
  const book: CarrierBook = {
    turn: async <Value>(
      call: CarrierCall,
      key: string | undefined,
      take: (entry: BookEntry, now: Date) => Turn<Value>,
    ): Promise<Value> => {
      if (key !== undefined && known.has(key)) return known.get(key) as Value
      const taken = take(entries.get(call.shipmentId) ?? blankEntry(call.trackingNumber), new Date(clock()))
      entries.set(call.shipmentId, taken.entry)
      if ('error' in taken) throw new Error(taken.error)
      if (key !== undefined) known.set(key, taken.answer)
      return taken.answer
    },
  }
  /** By itself, asked or not: a carrier whose tracking says so has it in its book too. */
  const turnRound = (shipmentId: string): void => {
    const entry = entries.get(shipmentId)
    if (entry === undefined) return
    entries.set(shipmentId, { ...entry, state: 'intercepted', dueAt: null, interceptedAt: clock() })
  }
  return { sandbox: book, entries, turnRound }
}
