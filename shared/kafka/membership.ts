/** What a member of a consumer group owns. */
export interface Membership {
  /** True while this process is a member of its group. */
  joined(): boolean
  /** Partitions this process owns, by topic (named without the prefix). */
  assignment(): Readonly<Record<string, readonly number[]>>
  /** Counts how often partitions were given out. */
  generation(): number
  /** Partitions were given out, by topic with the prefix. */
  join(assignment: Readonly<Record<string, readonly number[]>>): void
  lose(): void
}

export const createMembership = (prefix: string): Membership => {
  let generation = 0
  let joined = false
  let owned: Record<string, readonly number[]> = {}
  return {
    joined: () => joined,
    assignment: () => owned,
    generation: () => generation,
    join: (assignment) => {
      generation += 1
      joined = true
      owned = Object.fromEntries(
        Object.entries(assignment).map(([topic, partitions]) => [topic.slice(prefix.length), partitions]),
      )
    },
    lose: () => {
      joined = false
      owned = {}
    },
  }
}
