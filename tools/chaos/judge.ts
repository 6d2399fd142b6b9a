import type { AttentionReason } from '@countermand/contracts'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { readDeadLetters } from '@countermand/workflows/operations/dead-letters/read.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { readStory } from '@countermand/workflows/operations/story/story.ts'
import { verify } from '@countermand/workflows/operations/verify/verify.ts'
import type { EndEvent } from '../shop/play.ts'
import { iban } from '../shop/treasury.ts'
import { compareBank, compareBooks } from '../stand-ins/books.ts'
import { findLeaks } from '../stand-ins/leaks.ts'
import { settledByHand } from './foreseen.ts'
import type { Input, Load, Tracked } from './load.ts'
import { unpublished } from './outboxes.ts'
import type { Victim } from './system.ts'

export const lostOf = (requests: readonly Tracked[]): number => requests.filter(({ ends }) => ends.length === 0).length
export const doubledOf = (requests: readonly Tracked[]): number => requests.filter(({ ends }) => ends.length > 1).length

/** The input that a request's end says was accepted: a person's withdrawal, or a merchant's no. */
const acceptedIn = ({ data }: EndEvent): Input | undefined => {
  const by = 'by' in data ? data.by : undefined
  if (by === undefined) return undefined
  if (data.outcome === 'withdrawn') return { name: 'withdraw', by }
  return data.outcome === 'refused' && data.code === 'merchant-rejected' ? { name: 'decide', by } : undefined
}

const wordsOf = ({ name, by }: Input): string => `${name} by ${by}`

/**
 * An input that came again, as it does after a kill or a rebalance, is answered as before: whoever said something hears of one rejection
 * at most, and of none if it was accepted. What one person is refused says nothing about another's.
 */
const strangeRejections = ({ workflowId, ends, rejected }: Tracked): string[] => {
  const accepted = new Set(ends.flatMap((end) => acceptedIn(end) ?? []).map(wordsOf))
  const told = Object.entries(Object.groupBy([...rejected.values()].map(wordsOf), (words) => words))
  return told.flatMap(([input, times = []]) => [
    ...(accepted.has(input)
      ? [`${workflowId}: expected ${input} to be accepted once and for all, it was told as rejected too`]
      : []),
    ...(times.length > 1 ? [`${workflowId}: expected ${input} to be rejected once, got ${times.length}`] : []),
  ])
}

/** What cannot be, of one request. */
export const strange = (tracked: Tracked): string[] => [...strangeEnds(tracked), ...strangeRejections(tracked)]

/** Who settles a refund by hand unasked may need to hear what its channel did. */
const isMeddlers = ({ meddlings }: Tracked, reason: AttentionReason): boolean =>
  meddlings.some(({ deed }) => deed === 'settle') && settledByHand.includes(reason)

const strangeEnds = (tracked: Tracked): string[] => {
  const { workflowId, ends, attention, foreseen } = tracked
  return [
    ...ends.flatMap(({ data }) => {
      if (foreseen.outcomes.has(data.outcome)) return []
      const code = 'code' in data ? ` (${data.code})` : ''
      return [`${workflowId}: expected ${[...foreseen.outcomes].join(' or ')}, got ${data.outcome}${code}`]
    }),
    ...[...attention]
      .filter((reason) => !foreseen.attention.has(reason) && !isMeddlers(tracked, reason))
      .map((reason) => `${workflowId}: expected nothing to need attention for ${reason}`),
    ...(ends.length > 1 ? [`${workflowId}: expected one end, got ${ends.length}`] : []),
  ]
}

/** Each request without an end, and where it stands. */
const lost = async ({ databases, where }: Victim, requests: readonly Tracked[]): Promise<string[]> => {
  const found: string[] = []
  for (const { requestId, workflowId } of requests.filter(({ ends }) => ends.length === 0)) {
    const story = await readStory(requestId, { databases, where, deadLetters: () => readDeadLetters(where) })
    found.push(`${workflowId}: expected an end, got none: ${story?.next ?? 'no service knows the request'}`)
  }
  return found
}

/** Only what was published as garbage may be put aside. */
const strangeLetters = (letters: readonly DeadLetter[], garbage: number): string[] => {
  const strangers = letters.filter(({ reason }) => reason !== 'unreadable-json')
  const expected = letters.length - strangers.length
  return [
    ...strangers.map(({ id, reason, error }) => `dead letter ${id}: expected none, got ${reason}: ${error}`),
    ...(expected === garbage ? [] : [`expected ${garbage} dead letters of unreadable JSON, got ${expected}`]),
  ]
}

/** Everything that is not as it must be once all is quiet, one line each. */
export const judge = async (victim: Victim, load: Load): Promise<string[]> => {
  const { violations, requests } = await verify(victim.databases, () => listRuns(victim.temporal))
  const waiting = await unpublished(victim.databases)
  const books = await compareBooks(victim.databases.payment, victim.crew)
  const atBank = await compareBank(victim.databases.payment, victim.bank)
  return [
    ...(await lost(victim, load.requests)),
    ...load.requests.flatMap(strange),
    ...violations.map(({ service, says, row }) => `${service}: expected ${says}, got ${JSON.stringify(row)}`),
    ...books.differences,
    ...atBank.differences,
    ...victim.treasury.errors,
    ...(await findLeaks([...victim.crew.secrets, iban], {
      ...victim.where,
      ...{ home: victim.home, databaseUrls: victim.stack.databaseUrls, temporal: victim.temporal, histories: 30 },
    })),
    ...(requests === load.requests.length
      ? []
      : [`expected the order service to know ${load.requests.length} ended requests, it knows ${requests}`]),
    ...strangeLetters(await readDeadLetters(victim.where), load.garbage),
    ...(waiting === 0 ? [] : [`expected every outbox to be empty, ${waiting} messages wait`]),
  ]
}
