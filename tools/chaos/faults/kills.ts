import type { Part } from '../../stack/part.ts'
import type { SystemProcess } from '../../system/index.ts'
import type { Victim } from '../system.ts'
import type { Fault } from './fault.ts'

type Target = Pick<Part<string>, 'kill' | 'restart'>

const mostTries = 5

/** One that does not come up is started again, as a supervisor does. */
const startAgain = async (target: Target, tries = 1): Promise<void> =>
  target.restart().catch((error: unknown) => {
    if (tries === mostTries) throw error
    return startAgain(target, tries + 1)
  })

const restart = async (targets: readonly Target[]): Promise<void> => {
  await Promise.all(targets.map((target) => startAgain(target)))
}

export const killed = (
  name: string,
  about: string,
  targets: (victim: Victim) => readonly Target[],
  signal: NodeJS.Signals = 'SIGKILL',
): Fault => ({
  name,
  about,
  holdMs: 2_000,
  begin: async (victim) => {
    await Promise.all(targets(victim).map((target) => target.kill(signal)))
    return () => restart(targets(victim))
  },
})

const service = (name: 'order' | 'inventory' | 'logistics' | 'payment'): Fault =>
  killed(`kill-${name}`, `kill -9 of the ${name} service`, ({ system }) => [system.processes[name]])

const orchestrators = ({ system, secondOrchestrator }: Victim): readonly SystemProcess[] => [
  system.processes.orchestrator,
  secondOrchestrator,
]

export const kills: readonly Fault[] = [
  service('order'),
  service('inventory'),
  service('logistics'),
  service('payment'),
  killed('kill-gateway', 'kill -9 of the gateway', ({ system }) => [system.processes.gateway]),
  killed('kill-console', 'kill -9 of the console', ({ system: { processes } }) =>
    processes.console ? [processes.console] : [],
  ),
  killed('kill-operations', 'kill -9 of the operations process', ({ system: { processes } }) =>
    processes.operations ? [processes.operations] : [],
  ),
  killed('kill-one-orchestrator', 'kill -9 of one of two orchestrators', ({ secondOrchestrator }) => [
    secondOrchestrator,
  ]),
  killed('kill-all-orchestrators', 'kill -9 of both orchestrators', orchestrators),
  killed('kill-kafka', 'kill -9 of the Kafka broker, started again with its data', ({ stack }) => [stack.kafka]),
  // Its children end with it, which SIGKILL to the first of them would leave to chance; its data are as after a crash all the same.
  killed(
    'kill-postgres',
    'PostgreSQL ends at once without a checkpoint, and recovers from its log',
    ({ stack }) => [stack.postgres],
    'SIGQUIT',
  ),
  killed('kill-temporal', 'kill -9 of the Temporal server, started again with its file', ({ stack }) => [
    stack.temporal,
  ]),
]

/** Everything that runs, ours first: whoever is stopped last has been asked for nothing. */
const whole = (
  name: string,
  about: string,
  parts: NodeJS.Signals,
  processes: NodeJS.Signals,
  inOrder: boolean,
): Fault => ({
  name,
  about,
  holdMs: 2_000,
  begin: async ({ stack, processes: ours }) => {
    const end = (each: Target) => each.kill(processes)
    const servers = [stack.kafka, stack.temporal]
    const endServers = () => Promise.all([...servers.map((each) => each.kill(parts)), stack.postgres.kill('SIGQUIT')])
    if (inOrder) {
      await Promise.all(ours.map(end))
      await endServers()
    } else await Promise.all([...ours.map(end), endServers()])
    return () => restart([stack.kafka, stack.temporal, stack.postgres, ...ours])
  },
})

export const wholeSystem: readonly Fault[] = [
  whole(
    'stop-all',
    'SIGTERM to all processes, then to all servers, and a start of all at once',
    'SIGTERM',
    'SIGTERM',
    true,
  ),
  whole(
    'kill-all',
    'SIGKILL to all processes and servers at once, and a start of all at once',
    'SIGKILL',
    'SIGKILL',
    false,
  ),
]
