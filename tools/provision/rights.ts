import { type Party, parties, topicsOf } from '@countermand/contracts/flows.ts'
import { topicPlan, topics } from '@countermand/contracts/topics.ts'
import { askedGroup } from '@countermand/kafka/admin.ts'

/** What each party may do in Kafka: what it does, and nothing else. Follows from who writes and reads which topic. */

/** By the names of Kafka's own tools. */
type Operation = 'Read' | 'Write' | 'Describe' | 'Delete' | 'Create' | 'AlterConfigs' | 'DescribeConfigs'

export interface Right {
  readonly principal: string
  readonly resource: 'topic' | 'group' | 'transactional-id'
  /** With the prefix. */
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  /** In the order of the alphabet. */
  readonly operations: readonly Operation[]
}

/** Who provisions, which is nobody that stays. */
export const provisioner = 'provision'
export const principals = [...parties, provisioner] as const
export type Principal = (typeof principals)[number]

/** Those who drive sagas on and deal with dead letters, whether at a command line or for a screen. */
type OperatorParty = 'operations' | 'operators'
type ProcessParty = Exclude<Party, OperatorParty>

/** Of the orchestrator: one for each thing that it reads. */
const orchestratorGroups = ['fast-replies', 'intake', 'parcels', 'refunds', 'replies']
const groupsOf = (party: ProcessParty): readonly string[] => (party === 'orchestrator' ? orchestratorGroups : [party])

type Named = Omit<Right, 'principal'>
const onTopic = (name: string, ...operations: Operation[]): Named => ({
  ...{ resource: 'topic', name, pattern: 'literal', operations },
})
const onGroup = (name: string, pattern: Right['pattern'], ...operations: Operation[]): Named => ({
  ...{ resource: 'group', name, pattern, operations },
})

/** Reads all that is there, puts dead letters back where they came from, and says what it did. */
const operatorRights = (party: OperatorParty): Named[] => {
  const { writes } = topicsOf(party)
  const letters = Object.values(topics).filter((topic) => topic !== topics.deadLettersLog)
  const written = new Set<string>([...writes, ...letters])
  return [
    ...topicPlan().map(({ name }) =>
      written.has(name) ? onTopic(name, 'Describe', 'Read', 'Write') : onTopic(name, 'Describe', 'Read'),
    ),
    // How far our consumers are.
    onGroup('countermand-', 'prefixed', 'Describe'),
    ...(party === 'operations' ? [onGroup('countermand-operations', 'literal', 'Read')] : []),
    // Of its own: they are made to look, and then no more.
    ...['countermand-snapshot-', 'countermand-tail-'].map((name) => onGroup(name, 'prefixed', 'Delete', 'Read')),
    {
      resource: 'transactional-id',
      name: 'countermand-dead-letters',
      pattern: 'literal',
      operations: ['Describe', 'Write'],
    },
  ]
}

const processRights = (party: ProcessParty): Named[] => {
  const { reads, writes } = topicsOf(party)
  const both = new Set(reads.filter((topic) => writes.includes(topic)))
  return [
    ...reads.map((topic) => (both.has(topic) ? onTopic(topic, 'Read', 'Write') : onTopic(topic, 'Read'))),
    ...writes.filter((topic) => !both.has(topic)).map((topic) => onTopic(topic, 'Write')),
    ...groupsOf(party).map((group) => onGroup(`countermand-${group}`, 'literal', 'Read')),
  ]
}

const provisionRights = (): Named[] =>
  topicPlan().map(({ name }) => onTopic(name, 'AlterConfigs', 'Create', 'Describe', 'DescribeConfigs'))

const namedFor = (principal: Principal): Named[] => {
  if (principal === provisioner) return provisionRights()
  return principal === 'operations' || principal === 'operators' ? operatorRights(principal) : processRights(principal)
}

/** All rights of all, on a cluster whose topics and groups begin with `prefix`. */
export const rightsOf = (prefix: string): Right[] => [
  ...principals.flatMap((principal) =>
    namedFor(principal).map((right) => ({ principal, ...right, name: `${prefix}${right.name}` })),
  ),
  // By which it sees that the cluster answers; whatever the prefix.
  { principal: provisioner, ...onGroup(askedGroup, 'literal', 'Describe') },
]
