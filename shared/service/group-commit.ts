import { takeFirst } from '@countermand/process/take-first.ts'
import type { Transactor } from './transactor.ts'
import type { Work } from './work.ts'

interface Job<State> {
  readonly works: readonly Work<State>[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** More would only wait for each other's rows. */
const transactionsAtOnce = 2
const mostWorks = 500

/**
 * A transactor that commits in groups: what comes while its transactions are under way goes into the next one together. Alone, work
 * goes at once; the busier the database, the larger the groups. Works of one order keep their order only within one call.
 */
export const groupCommit = <State>({ transact }: Transactor<State>): Transactor<State> => {
  const waiting: Job<State>[] = []
  let underWay = 0

  const take = (): Job<State>[] => {
    let works = 0
    return takeFirst(waiting, (job) => {
      works += job.works.length
      return works <= mostWorks
    })
  }

  const begin = async () => {
    if (underWay >= transactionsAtOnce || waiting.length === 0) return
    underWay += 1
    const jobs = take()
    try {
      await transact(jobs.flatMap(({ works }) => works))
      for (const { resolve } of jobs) resolve()
    } catch (error) {
      for (const { reject } of jobs) reject(error)
    }
    underWay -= 1
    void begin()
  }

  return {
    transact: (works) =>
      new Promise((resolve, reject) => {
        waiting.push({ works, resolve, reject })
        // The partitions of one fetch come one after the other.
        setImmediate(begin)
      }),
  }
}
