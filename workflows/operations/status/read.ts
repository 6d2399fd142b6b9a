import { type OpenDifferences, openDifferences } from '@countermand/payment/store/facts.ts'
import type { DeadLetter } from '../dead-letters/document.ts'
import { type Facts, factsOf } from '../find/facts.ts'
import { listRuns } from '../find/runs.ts'
import { listFailing, type Triaged, withFacts, worstFirst } from '../find/troubled.ts'
import { currentPause } from '../intake/pause.ts'
import type { Addresses } from '../reach/addresses.ts'
import type { Databases } from '../reach/databases.ts'
import { unwatched, type WatchProgress } from '../reach/progress.ts'
import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'
import { type AttentionGroup, groupByReason } from './attention.ts'
import { type Outbox, readOutboxes } from './outboxes.ts'
import { heldOf, type Lag, readLag } from './queues.ts'

export interface Status {
  readonly at: string
  readonly intake: {
    readonly paused: boolean
    readonly by: string | null
    readonly reason: string | null
    readonly since: string | null
    readonly held: number | null
  } | null
  /** Requests whose order is on hold. */
  readonly open: number | null
  readonly attention: readonly AttentionGroup[] | null
  readonly deadLetters: readonly { readonly reason: string; readonly letters: number; readonly oldest: string }[] | null
  readonly lag: readonly Lag[] | null
  readonly outboxes: readonly Outbox[] | null
  /** Where our books differ from a provider's, by account and kind. */
  readonly differences: readonly OpenDifferences[] | null
  /** What happens by itself within the hour, soonest first. */
  readonly deadlines: readonly (Pick<Facts, 'requestId' | 'orderId'> & NonNullable<Facts['deadline']>)[] | null
  /** What could not be read, and why: its part is `null`. */
  readonly unread: readonly { readonly part: string; readonly error: string }[]
}

export interface StatusSources {
  readonly where: Addresses
  readonly databases: Databases
  readonly temporal: () => Promise<Temporal>
  readonly deadLetters: () => Promise<readonly DeadLetter[]>
  readonly watch?: WatchProgress
}

const hour = 3_600_000

const deadlinesWithin = (facts: Iterable<Facts>, until: string): NonNullable<Status['deadlines']> =>
  [...facts]
    .flatMap(({ requestId, orderId, deadline }) => (deadline === null ? [] : [{ requestId, orderId, ...deadline }]))
    .filter(({ at }) => at <= until)
    .toSorted((a, b) => a.at.localeCompare(b.at))

const byReason = (letters: readonly DeadLetter[]): NonNullable<Status['deadLetters']> =>
  [
    ...Map.groupBy(
      letters.filter(({ state }) => state === 'open'),
      ({ reason }) => reason,
    ),
  ].map(([reason, group]) => ({
    reason,
    letters: group.length,
    oldest: group.map(({ failedAt }) => failedAt).toSorted()[0] ?? '',
  }))

/** Reads everything side by side; what does not answer is told as such, for this is what is typed in an outage. */
export const readStatus = async (sources: StatusSources): Promise<Status> => {
  const { where, databases, temporal, deadLetters, watch = unwatched } = sources
  const unread: { part: string; error: string }[] = []
  const part = <T>(name: string, read: () => Promise<T>): Promise<T | null> =>
    read().catch((error: unknown) => {
      unread.push({ part: name, error: error instanceof Error ? error.message : reasonOf(error) })
      return null
    })
  const opened = temporal()
  const facts = part('sagas', () => factsOf(databases))
  const needy = async (): Promise<Triaged[]> => {
    const parked = await listRuns(await opened, { attention: true })
    const [known, failing] = await Promise.all([
      withFacts(databases, parked),
      listFailing({ temporal: await opened, databases, watch }, {}),
    ])
    return worstFirst([...known, ...failing])
  }
  const [pause, attention, open, letters, lag, outboxes, differences] = await Promise.all([
    part('intake', async () => ({ pause: await currentPause(await opened) })),
    part('attention', async () => groupByReason(await needy())),
    facts,
    part('dead letters', async () => byReason(await deadLetters())),
    part('lag', () => readLag(where)),
    part('outboxes', () => readOutboxes(databases)),
    part('books', () => openDifferences(databases.payment)),
  ])
  const at = new Date().toISOString()
  const found = pause?.pause
  return {
    at,
    intake:
      pause === null
        ? null
        : {
            paused: found !== undefined,
            by: found?.by ?? null,
            reason: found?.reason ?? null,
            since: found?.since.toISOString() ?? null,
            held: lag === null ? null : heldOf(lag),
          },
    open: open?.size ?? null,
    attention,
    deadLetters: letters,
    lag,
    outboxes,
    differences,
    deadlines: open === null ? null : deadlinesWithin(open.values(), new Date(Date.now() + hour).toISOString()),
    unread,
  }
}
