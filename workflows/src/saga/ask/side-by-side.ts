/** Those who ask side by side in one workflow task, and who of them has an answer. */
export interface SideBySide {
  /** Lets the answers of all that wait go on together, in the order in which they asked, once the last of them is there. */
  ask<Answered>(work: () => Promise<Answered>): Promise<Answered>
}

/**
 * Live, each answer of a local activity comes alone; a replay has all answers of a workflow task that need nothing of each other
 * at once, in the order of the questions. What the saga does on hearing one would come before or after what it does on hearing the
 * other, as it happened, and a replay would not follow. So nobody goes on before all that was asked beside has its answer: a
 * moment later, and always in the same order.
 */
export const sideBySide = (): SideBySide => {
  let waiting = 0
  let turns: { readonly asked: number; readonly go: () => void }[] = []
  let asked = 0
  const goOn = () => {
    const all = turns.toSorted((one, other) => one.asked - other.asked)
    turns = []
    for (const { go } of all) go()
  }
  const answered = () => {
    waiting--
    // In a step of its own, so that the last to come waits as all others do.
    if (waiting === 0) void Promise.resolve().then(goOn)
  }
  return {
    ask: async (work) => {
      const turn = asked++
      waiting++
      let answer: Awaited<ReturnType<typeof work>>
      try {
        answer = await work()
      } catch (error) {
        answered()
        throw error
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      turns.push({ asked: turn, go: resolve })
      answered()
      await promise
      return answer
    },
  }
}
