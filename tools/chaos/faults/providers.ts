import { type CrewName, crewNames, titleOf } from '../../stand-ins/crew.ts'
import type { Fault } from './fault.ts'
import { killed } from './kills.ts'

const hanging = (fault: string, name: CrewName): Fault => ({
  name: fault,
  about: `${titleOf(name)} takes connections and says nothing for 12 s`,
  holdMs: 12_000,
  begin: async ({ crew }) => {
    await crew[name].kill('SIGSTOP')
    return () => crew[name].kill('SIGCONT')
  },
})

const lostAnswers = 10

/** What breaks beyond our own servers: their books live on. */
export const atProviders: readonly Fault[] = [
  killed(
    'kill-providers',
    `kill -9 of ${crewNames.map(titleOf).join(', ')} and the bank, started again with their books`,
    ({ crew, bank }) => [...crewNames.map((name) => crew[name]), bank],
  ),
  hanging('hang-stripe', 'stripe'),
  hanging('hang-ups', 'ups'),
  {
    name: 'lose-answers',
    about: `each provider and carrier does its next ${lostAnswers} works, and nobody hears of it`,
    holdMs: 8_000,
    begin: async ({ crew }) => {
      const all = crewNames.map((name) => crew[name].control)
      await Promise.all(all.map((each) => each.plan('cut-after', { match: 'POST', times: lostAnswers })))
      return async () => void (await Promise.all(all.map((each) => each.tell('DELETE /faults'))))
    },
  },
]
