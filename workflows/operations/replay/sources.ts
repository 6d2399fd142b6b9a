import { readFile } from 'node:fs/promises'
import * as workflows from '../../src/saga/workflows.ts'
import { findSaga, runsOf } from '../find/find.ts'
import { listRuns, type Run } from '../find/runs.ts'
import { fetchHistory } from '../history/fetch.ts'
import { checkHistory, parseHistory } from '../history/history.ts'
import type { Addresses } from '../reach/addresses.ts'
import { openDatabases } from '../reach/databases.ts'
import { reasonOf } from '../reach/reason-of.ts'
import { openTemporal, type Temporal } from '../reach/temporal.ts'
import type { Recorded } from './replay.ts'

/** Where a history comes from; read when its turn comes. */
export interface Source {
  readonly name: string
  read(): Promise<Recorded>
}

/** Every workflow of today's code. */
export const workflowTypes = Object.keys(workflows).filter((name) => name !== 'interceptors')

const fromFile = (path: string): Source => ({
  name: path,
  read: async () => {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new Error(`${path}: expected a file that can be read: ${reasonOf(cause)}`, { cause })
    })
    const history = checkHistory(path, parseHistory(path, text), workflowTypes)
    return { source: path, workflowId: 'replayed', history }
  },
})

/** Run ids begin with the clock: only behind it do two runs of one saga differ. As much as `export --run` needs. */
export const shortRunId = (runId: string): string => runId.slice(0, 18)

const fromRun = (temporal: Temporal, run: Run): Source => {
  const name = `${run.workflowId} (${run.status.toLowerCase()}, run ${shortRunId(run.runId)})`
  return {
    name,
    read: async () => {
      const history = checkHistory(name, await fetchHistory(temporal, run), workflowTypes)
      return { source: name, workflowId: run.workflowId, history }
    },
  }
}

const isFile = (text: string): boolean => text.endsWith('.json')

const runsOfRequests = async (where: Addresses, temporal: Temporal, ids: readonly string[]): Promise<Run[]> => {
  const databases = openDatabases(where.databaseUrls)
  try {
    const found: Run[] = []
    for (const id of ids) {
      const runs = await runsOf(temporal, await findSaga(databases, temporal, id))
      if (runs.length === 0) throw new Error(`expected a run of ${id}, Temporal keeps none`)
      found.push(...runs)
    }
    return found
  } finally {
    await databases.close()
  }
}

/** What to replay: files, the runs of requests, or every saga since then. Temporal is asked only where it is needed. */
export const withSources = async (
  asked: { readonly named: readonly string[]; readonly all: boolean; readonly since: Date | undefined },
  readWhere: () => Promise<Addresses>,
  work: (sources: readonly Source[]) => Promise<void>,
): Promise<void> => {
  const { named, all, since } = asked
  if (!all && named.length === 0) throw new Error('expected a request, a history.json or --all, got none')
  const files = named.filter(isFile).map(fromFile)
  const ids = named.filter((each) => !isFile(each))
  if (ids.length === 0 && !all) return work(files)
  const where = await readWhere()
  const temporal = await openTemporal(where)
  try {
    const runs = [
      ...(ids.length === 0 ? [] : await runsOfRequests(where, temporal, ids)),
      ...(all ? await listRuns(temporal, { everyKind: true, since }) : []),
    ]
    await work([...files, ...runs.map((run) => fromRun(temporal, run))])
  } finally {
    await temporal.close()
  }
}
