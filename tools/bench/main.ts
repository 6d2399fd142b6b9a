/** `npm run bench`: what a saga costs, beside its references in the same run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listRuns, type Run } from '@countermand/workflows/operations/find/runs.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { verify } from '@countermand/workflows/operations/verify/verify.ts'
import { aborted, Ended, endOnSignal } from '../system/end.ts'
import { connectDriver, type Driver } from './driver.ts'
import { backlog } from './figures/backlog.ts'
import { billable } from './figures/billable.ts'
import { latency, throughput } from './figures/engines.ts'
import type { Finding } from './figures/finding.ts'
import { hotSku } from './figures/hot-sku.ts'
import { openSagas } from './figures/open-sagas.ts'
import { replicas } from './figures/replicas.ts'
import type { Bench } from './measure.ts'
import { type FigureName, figureNames, type Options, readOptions } from './plan.ts'
import { describeProfiles } from './profile.ts'
import { describe, documentOf } from './report.ts'
import { type Stage, startStage } from './stage.ts'
import { readWork } from './work-done.ts'
import { writeDocs } from './write-docs.ts'

const started = performance.now()
const seconds = () => Math.round((performance.now() - started) / 100) / 10
const log = (line: string) => process.stderr.write(`[bench] ${String(Math.round(seconds())).padStart(4)} s  ${line}\n`)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const figures: Readonly<Record<FigureName, (bench: Bench) => Promise<Finding>>> = {
  billable,
  throughput,
  latency,
  'hot-sku': hotSku,
  replicas,
  backlog,
  open: openSagas,
}

/** The sweep finishes what another engine leaves lying: then that engine's figures would be ours. */
const expectNoHelp = (runs: readonly Run[], driver: Driver): void => {
  const helped = runs.find(({ requestId }) => (driver.targetOf(requestId) ?? 'countermand') !== 'countermand')
  if (helped === undefined) return
  throw new Error(
    `expected ${driver.targetOf(helped.requestId)} to finish ${helped.requestId}, the sweep had to start ${helped.workflowId}`,
  )
}

const checkInvariants = async ({ where }: Stage, databases: Databases, driver: Driver) => {
  const temporal = await openTemporal(where)
  try {
    expectNoHelp(await listRuns(temporal), driver)
    return await verify(databases, () => listRuns(temporal))
  } finally {
    await temporal.close()
  }
}

const measureAll = async (stage: Stage, { plan, json, profile }: Options, signal: AbortSignal): Promise<boolean> => {
  const driver = await connectDriver(stage.where)
  const databases = openDatabases(stage.where.databaseUrls)
  const profiled = profile === undefined ? {} : { readWork: () => readWork(databases, stage.http) }
  const findings: Finding[] = []
  for (const name of figureNames.filter((each) => plan.figures.includes(each))) {
    signal.throwIfAborted()
    log(name)
    findings.push(await figures[name]({ stage, driver, plan, say: (line) => log(`  ${line}`), signal, ...profiled }))
  }
  log('checking the invariants')
  const { violations } = await checkInvariants(stage, databases, driver)
  await databases.close()
  const about = { mode: plan.mode, seconds: seconds(), versions: stage.versions, doubled: driver.doubled(), violations }
  const document = documentOf(findings, about)
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${describe(document)}\n`)
  await driver.stop()
  return document.ok
}

const run = async (options: Options, home: string): Promise<boolean> => {
  const end = endOnSignal()
  const { signal } = end
  const onCrash = (error: Error) => end.abort(error)
  const stage = await startStage({ home, env: process.env, log, onCrash, signal, profile: options.profile })
  try {
    const over = aborted(signal).then(() => Promise.reject(signal.reason))
    return await Promise.race([measureAll(stage, options, signal), over])
  } finally {
    log('ending')
    const pids = stage.pids()
    await stage.stop()
    if (options.profile !== undefined) for (const line of await describeProfiles(options.profile, pids)) log(line)
  }
}

const measured = async (options: Options): Promise<number> => {
  const home = await mkdtemp(join(tmpdir(), 'countermand-bench-'))
  try {
    const ok = await run(options, home)
    await rm(home, { recursive: true, force: true })
    return ok ? 0 : 1
  } catch (error) {
    log(messageOf(error))
    if (error instanceof Ended) await rm(home, { recursive: true, force: true })
    else log(`logs are in ${join(home, 'logs')}`)
    return error instanceof Ended ? 130 : 1
  }
}

const main = async (): Promise<number> => {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options.document === undefined) return await measured(options)
    await writeDocs(options.document)
    return 0
  } catch (error) {
    log(messageOf(error))
    return 2
  }
}

// Connections of a run that was cut short may still be open.
process.exit(await main())
