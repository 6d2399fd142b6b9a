import { connections } from './connections.ts'
import type { Fault } from './fault.ts'
import { kills, wholeSystem } from './kills.ts'
import { messageFaults } from './messages.ts'
import { atProviders } from './providers.ts'

export type { Fault } from './fault.ts'

/** One after the other, in this order. */
export const faults: readonly Fault[] = [...kills, ...connections, ...messageFaults, ...atProviders, ...wholeSystem]

/** One of each kind, for a run of a minute or two. */
const quick: readonly string[] = [
  'kill-payment',
  'kill-all-orchestrators',
  'kill-kafka',
  'cut-postgres',
  'duplicates',
  'full-outbox',
  'kill-providers',
  'kill-all',
]

export const quickFaults: readonly Fault[] = faults.filter(({ name }) => quick.includes(name))

/** Those with these names. Throws when there is none of a name. */
export const faultsNamed = (names: readonly string[]): readonly Fault[] => {
  const unknown = names.filter((name) => !faults.some((fault) => fault.name === name))
  if (unknown.length > 0)
    throw new Error(`expected faults out of ${faults.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}`)
  return faults.filter(({ name }) => names.includes(name))
}
