import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EventType, eventHeaders, events } from '@countermand/contracts'
import { operatorsSource } from '@countermand/contracts/sources.ts'
import { lastWordOf, type Reconciliation, reconciliationOf } from '@countermand/payment/store/facts.ts'
import type { Addresses } from '../reach/addresses.ts'
import type { Databases } from '../reach/databases.ts'
import { type Progress, unwatched, type WatchProgress } from '../reach/progress.ts'
import { publish } from '../reach/publish.ts'

/** Payment has the credentials of providers, and compares its books itself: it is asked, and watched. */

export interface Ask {
  /** Absent: of all accounts. */
  readonly account?: string
  /** ISO 8601; `to` is not in it. */
  readonly from: string
  readonly to: string
  /** Nothing of what is found is kept or posted. */
  readonly dryRun?: true
  readonly by: string
}

interface Reach {
  readonly where: Addresses
  readonly databases: Pick<Databases, 'payment'>
  /** Milliseconds. */
  readonly wait: number
  readonly watch?: WatchProgress
}

export interface Reconciled extends Pick<Reconciliation, 'results'> {
  readonly reconciliationId: string
}

const lookEveryMs = 250

const tell = async (where: Addresses, type: EventType, key: string, data: object): Promise<void> => {
  const headers = eventHeaders({
    ...{ id: `${type}/${key}`, source: operatorsSource, type },
    ...{ time: new Date().toISOString(), subject: key },
  })
  await publish(where, [{ topic: events[type].topic, key, headers, value: JSON.stringify(data) }])
}

/** Looks until it is so, or throws what it still is. */
const until = async <Value>(
  wait: number,
  look: () => Promise<Value | undefined>,
  still: () => string,
): Promise<Value> => {
  const end = Date.now() + wait
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() >= end) throw new Error(still())
    await sleep(lookEveryMs)
  }
}

/** Compares; gives back what was found of each account. Throws why it could not be done, or is not done yet. */
export const reconcile = async ({ account, from, to, dryRun, by }: Ask, reach: Reach): Promise<Reconciled> => {
  const { where, databases, wait, watch = unwatched } = reach
  if (Date.parse(from) >= Date.parse(to)) throw new Error(`expected a span of time, got ${from} to ${to}`)
  const reconciliationId = `rec-${randomUUID()}`
  const about = { ...(account !== undefined && { account }), from, to, ...(dryRun && { dryRun }) }
  await tell(where, 'reconciliation.asked.v1', reconciliationId, {
    ...{ reconciliationId, ...about, by, at: new Date().toISOString() },
  })
  let progress: Progress | undefined
  let seen = 0
  let known: Reconciliation | undefined
  const look = async (): Promise<Reconciliation | undefined> => {
    known = await reconciliationOf(databases.payment, reconciliationId)
    const { accounts = null, results = [], doneAt = null } = known ?? {}
    if (accounts !== null) progress ??= watch('accounts', accounts.length)
    for (; seen < results.length; seen += 1) progress?.step()
    return doneAt === null ? undefined : known
  }
  const still = () => {
    const far =
      known === undefined ? 'payment has not heard of it' : `${seen} of ${known.accounts?.length ?? '?'} accounts`
    return `expected reconciliation ${reconciliationId} to be done within ${wait / 1000} s: ${far}; it goes on, and what it finds is kept`
  }
  const { results, error } = await until(wait, look, still).finally(() => progress?.end())
  if (error !== null) throw new Error(`reconciliation ${reconciliationId}: ${error}`)
  return { reconciliationId, results }
}

/** Says why it differs. Throws where nothing is open under this name. */
export const resolveDifference = async (
  { differenceId, by, reason }: { readonly differenceId: string; readonly by: string; readonly reason: string },
  { where, databases, wait }: Omit<Reach, 'watch'>,
): Promise<void> => {
  const word = await lastWordOf(databases.payment, differenceId)
  if (word !== 'found')
    throw new Error(
      word === undefined
        ? `expected a difference, got ${differenceId}: none has this name`
        : `expected an open difference, got ${differenceId}, which is ${word}`,
    )
  const at = new Date().toISOString()
  await tell(where, 'difference.resolved.v1', differenceId, { differenceId, by, reason, at })
  const isResolved = async () => ((await lastWordOf(databases.payment, differenceId)) === 'resolved' ? true : undefined)
  await until(
    wait,
    isResolved,
    () => `expected payment to hear of it within ${wait / 1000} s: it is told, and is heard of later`,
  )
}
