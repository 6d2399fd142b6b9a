import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { readDeadLetters } from '@countermand/workflows/operations/dead-letters/read.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { type Addresses, sagaUrl } from '@countermand/workflows/operations/reach/addresses.ts'
import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { readStory } from '@countermand/workflows/operations/story/story.ts'
import { type Verification, verify } from '@countermand/workflows/operations/verify/verify.ts'
import { narrate } from '../shop/narrate.ts'
import { connectOutside } from '../shop/outside.ts'
import { type Played, play } from '../shop/play.ts'
import type { Scenario } from '../shop/scenarios.ts'
import { iban, startTreasury } from '../shop/treasury.ts'
import type { Bank } from '../stand-ins/bank/started.ts'
import { carrierBook, compareBank, compareBooks, type Sums } from '../stand-ins/books.ts'
import type { Crew } from '../stand-ins/crew.ts'
import { findLeaks, type Written } from '../stand-ins/leaks.ts'
import { differences } from './compare.ts'

/** One saga of the demo, as `--json` prints it. */
export interface DemoSaga {
  readonly scenario: string
  readonly orderId: string
  readonly requestId: string
  readonly outcome: string
  readonly code: string | null
  readonly stage: string
  /** From the cancel event to its public end. */
  readonly ms: number
  readonly temporalUrl: string
}

export interface DemoResult {
  readonly sagas: readonly DemoSaga[]
  readonly deadLetters: readonly DeadLetter[]
  readonly verification: Verification
  /** What has left by the stand-ins' books, which our ledger has too. Absent: there are none. */
  readonly books?: Sums
  /** What is not as promised, in words. */
  readonly broken: readonly string[]
}

type Say = (line: string) => void

const patienceMs = 60_000

const startsOf = ({ heard }: Played): number =>
  heard.filter(({ type }) => type === 'order.cancellation.started.v1').length

const sagaOf = (played: Played, where: Addresses): DemoSaga => {
  const { data } = played.end
  return {
    scenario: played.scenario.name,
    orderId: played.orderId,
    requestId: played.requestId,
    outcome: data.outcome,
    code: 'code' in data ? (data.code ?? null) : null,
    stage: data.stage,
    ms: played.ms,
    temporalUrl: sagaUrl(where, data.workflowId),
  }
}

/** What was put aside in front of a saga, told and compared with what was promised. */
const compareLetters = ({ scenario, orderId }: Played, letters: readonly DeadLetter[], say: Say): string[] => {
  const mine = letters.filter(({ key }) => key === orderId)
  for (const { id, reason, error } of mine) say(`  dead letter ${id} (${reason}): ${error}`)
  const promised = scenario.behind === undefined ? [] : [scenario.behind.deadLetter]
  const got = mine.map(({ reason }) => reason)
  return isDeepStrictEqual(got, promised) ? [] : [`${scenario.name}: dead letters: expected ${promised}, got ${got}`]
}

/** What a carrier's book has of a scenario's parcel, told and compared with what was promised. */
const compareParcel = async (
  { name, parcel, inBook }: Scenario,
  crew: Crew | undefined,
  say: Say,
): Promise<string[]> => {
  if (crew === undefined || parcel === undefined || inBook === undefined) return []
  const got = await carrierBook(crew, parcel)
  say(`  in the carrier's book: ${got ?? 'nothing'}`)
  return got === inBook ? [] : [`${name}: expected its carrier's book to say ${inBook}, got ${got}`]
}

/** The stand-ins that scenarios are played with, and where a secret of theirs could be written. */
export interface AtProviders {
  readonly crew?: Crew
  readonly bank?: Bank
  readonly written?: Pick<Written, 'home' | 'databaseUrls' | 'spans'>
}

/** Plays the scenarios one after the other, then compares every database, and every stand-in's book, with what was promised. */
export const runScenarios = async (
  {
    scenarios,
    where,
    atProviders: { crew, bank, written } = {},
  }: { readonly scenarios: readonly Scenario[]; readonly where: Addresses; readonly atProviders?: AtProviders },
  say: Say,
  signal: AbortSignal,
): Promise<DemoResult> => {
  const outside = await connectOutside({ kafkaBrokers: where.kafkaBrokers.join(','), topicPrefix: where.topicPrefix })
  const databases = openDatabases(where.databaseUrls)
  const temporal = await openTemporal(where)
  const broken: string[] = []
  const sagas: DemoSaga[] = []
  const paymentDatabaseUrl = written?.databaseUrls.payment ?? ''
  const treasury =
    bank === undefined || written === undefined
      ? undefined
      : await startTreasury({
          ...{ outside, bank, paymentDatabaseUrl, folder: join(written.home, 'treasury'), everyMs: 200, log: say },
        })
  try {
    for (const scenario of scenarios) {
      signal.throwIfAborted()
      say(`\n${scenario.title}`)
      const played = await play(scenario, outside, {
        withinMs: patienceMs,
        onHeard: (heard) => say(`  ${narrate(heard)}`),
        inBook: async () => crew && scenario.parcel && (await carrierBook(crew, scenario.parcel)),
      }).catch((error: unknown) => {
        broken.push(error instanceof Error ? error.message : String(error))
        return undefined
      })
      if (played === undefined) continue
      sagas.push(sagaOf(played, where))
      if (startsOf(played) !== 1) broken.push(`${scenario.name}: expected one start, got ${startsOf(played)}`)
      const story = await readStory(played.orderId, { databases, where, deadLetters: () => readDeadLetters(where) })
      if (story === undefined) broken.push(`${scenario.name}: expected the services to know ${played.orderId}`)
      else broken.push(...differences(scenario, story), ...compareLetters(played, story.deadLetters, say))
      broken.push(...(await compareParcel(scenario, crew, say)))
    }
    const books = crew && (await compareBooks(databases.payment, crew))
    const atBank = bank && (await compareBank(databases.payment, bank))
    broken.push(...(books?.differences ?? []), ...(atBank?.differences ?? []), ...(treasury?.errors ?? []))
    if (crew && written)
      broken.push(...(await findLeaks([...crew.secrets, iban], { ...where, ...written, temporal, histories: 100 })))
    return {
      ...(books && { books: { ...books.sums, ...atBank?.sums } }),
      sagas,
      deadLetters: await readDeadLetters(where),
      verification: await verify(databases, () => listRuns(temporal)),
      broken,
    }
  } finally {
    await treasury?.stop()
    await databases.close()
    await temporal.close()
    await outside.stop()
  }
}
