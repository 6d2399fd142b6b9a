import { serviceName } from '@countermand/contracts'
import type { Databases } from '@countermand/workflows/operations/reach/databases.ts'
import { z } from 'zod'

/** What servers and processes have counted since they started, by a name for people. */
export type WorkDone = ReadonlyMap<string, number>

const written = z.object({ transactions: z.number(), rows: z.number() })
const log = z.object({ bytes: z.number() })

/** PostgreSQL's own counters; which statements they were, `pg_stat_statements` would say, which embedded PostgreSQL does not have. */
const databaseWork = async (databases: Databases): Promise<[string, number][]> => {
  const ofEach = serviceName.options.map(async (owner): Promise<[string, number][]> => {
    const [row] = await databases[owner].rows(
      written,
      `select xact_commit::float8 as transactions, (tup_inserted + tup_updated + tup_deleted)::float8 as rows
       from pg_stat_database where datname = current_database()`,
    )
    return [
      [`postgres, ${owner}: transactions`, row?.transactions ?? 0],
      [`postgres, ${owner}: rows written`, row?.rows ?? 0],
    ]
  })
  const [wal] = await databases.order.rows(log, 'select wal_bytes::float8 as bytes from pg_stat_wal')
  return [...(await Promise.all(ofEach)).flat(), ['postgres: kB of log', (wal?.bytes ?? 0) / 1024]]
}

interface Sample {
  readonly name: string
  readonly labels: string
  readonly value: number
}

const samplesIn = (text: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = line.match(/^(\w+)(?:\{(.*)\})? (\S+)$/) ?? []
    return name === undefined ? [] : [{ name, labels, value: Number(value) }]
  })

const labelOf = ({ labels }: Sample, label: string): string =>
  labels.match(new RegExp(`(?:^|,)${label}="([^"]*)"`))?.[1] ?? ''

/** Which samples are counted, and what for. */
const told: readonly (readonly [string, (sample: Sample, process: string) => string])[] = [
  ['countermand_batch_seconds_count', (_, process) => `${process}: batches`],
  ['countermand_fast_steps_total', (sample) => `fast lane: steps ${labelOf(sample, 'result')}`],
  ['temporal_request_total', (sample) => `temporal: ${labelOf(sample, 'operation')}`],
  ['temporal_workflow_task_execution_latency_seconds_sum', () => 'temporal SDK: s in workflow tasks'],
  [
    'temporal_workflow_task_schedule_to_start_latency_seconds_sum',
    () => 'temporal SDK: s until a workflow task starts',
  ],
  ['temporal_local_activity_execution_latency_seconds_sum', () => 'temporal SDK: s in local activities'],
  ['temporal_activity_schedule_to_start_latency_seconds_count', () => 'temporal SDK: activities of the slow lane'],
]

const processWork = async ([process, url]: [string, string]): Promise<[string, number][]> => {
  const samples = samplesIn(await (await fetch(`${url}/metrics`)).text())
  return told.flatMap(([metric, nameOf]) =>
    samples
      .filter(({ name }) => name === metric)
      .map((sample): [string, number] => [nameOf(sample, process), sample.value]),
  )
}

/** Reads all counters. `http`: where each process answers, by its name. */
export const readWork = async (databases: Databases, http: Readonly<Record<string, string>>): Promise<WorkDone> => {
  const counts = [await databaseWork(databases), ...(await Promise.all(Object.entries(http).map(processWork)))].flat()
  const sums = new Map<string, number>()
  for (const [name, value] of counts) sums.set(name, (sums.get(name) ?? 0) + value)
  return sums
}

/** What was done between two readings, per saga; nothing is left out that is more than a hundredth. */
export const workPerSaga = (before: WorkDone, after: WorkDone, sagas: number): [string, number][] =>
  [...after].flatMap(([name, value]) => {
    const each = (value - (before.get(name) ?? 0)) / sagas
    return each < 0.01 ? [] : [[name, each] as [string, number]]
  })
