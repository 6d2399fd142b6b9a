import type { Load, Tracked } from './load.ts'

/** Sagas that wait for their merchant all the while, so that hundreds are in flight whatever the speed of the machine. */
export interface Crowd {
  /** The merchant decides about some, and as many others come. */
  stir(): Promise<void>
  /** The merchant decides about all. */
  disperse(): Promise<void>
}

const stirred = 8

export const gatherCrowd = async (load: Load, size: number): Promise<Crowd> => {
  const waiting: Tracked[] = [...(await load.gather(size))]
  const approve = (some: readonly Tracked[]) => Promise.all(some.map((each) => load.approve(each)))
  return {
    stir: async () => {
      const some = waiting.splice(0, stirred)
      await approve(some)
      waiting.push(...(await load.gather(some.length)))
    },
    disperse: async () => {
      await approve(waiting.splice(0))
    },
  }
}
