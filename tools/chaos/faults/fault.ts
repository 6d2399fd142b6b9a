import type { Victim } from '../system.ts'

/** Something that breaks for a while, and is then let be. */
export interface Fault {
  readonly name: string
  /** What breaks, in words. */
  readonly about: string
  /** How long it stays broken once it is, in milliseconds. */
  readonly holdMs: number
  /** Breaks it, and says how the cause is undone: what comes then, the system does by itself. */
  begin(victim: Victim, seed: number): Promise<() => Promise<void>>
}
