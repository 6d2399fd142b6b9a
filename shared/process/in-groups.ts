/** Does the work of each group in order, of `limit` groups at once. Rejects with the first error, once all under way is done. */
export const inGroups = async <Item>(
  groups: Iterable<readonly Item[]>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = groups[Symbol.iterator]()
  const failures: unknown[] = []
  const lane = async () => {
    for (let next = waiting.next(); !next.done && failures.length === 0; next = waiting.next()) {
      try {
        for (const item of next.value) await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  if (failures.length > 0) throw failures[0]
}
