import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger } from '@countermand/telemetry'
import type { Client } from '@temporalio/client'
import type { Publish } from '../messages/publish.ts'
import { workflowType } from '../protocol/inputs.ts'
import { keepsFailing } from '../runs/keeps-failing.ts'
import { requestedAtStart } from '../runs/started-with.ts'
import { attentionMessage, look } from './sweep.ts'

/** Runs of which the SDK has logged trouble in this process, by their ids. */
export interface Suspects {
  /** Takes what a line of the SDK's log is about. */
  hear(about: unknown): void
  runIds(): readonly string[]
  /** Notes that a run keeps failing, until it is forgotten. */
  note(runId: string): void
  isNoted(runId: string): boolean
  /** How many keep failing. */
  failing(): number
  forget(runId: string): void
}

/** More than these at once are no single run's bug, but a deployment's: an alert tells of it, and the sweep of the runs in turn. */
const mostSuspects = 200

export const createSuspects = (): Suspects => {
  const runIds = new Set<string>()
  const noted = new Set<string>()
  return {
    hear: (about) => {
      if (typeof about !== 'object' || about === null || !('runId' in about) || typeof about.runId !== 'string') return
      if (runIds.size < mostSuspects && /^[\w-]+$/.test(about.runId)) runIds.add(about.runId)
    },
    runIds: () => [...runIds],
    note: (runId) => void noted.add(runId),
    isNoted: (runId) => noted.has(runId),
    failing: () => noted.size,
    forget: (runId) => {
      runIds.delete(runId)
      noted.delete(runId)
    },
  }
}

interface WatchOptions {
  readonly suspects: Suspects
  readonly client: Client
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
}

const atOnce = 8

/**
 * Looks at the suspects: those whose workflow task keeps failing are told, as the sweep tells them, which finds them only when their turn
 * comes. They stay suspects until they go on. Returns the workflow ids of those that are told. Costs a search, and a look at each; nothing while there are none.
 */
export const lookAtSuspects = async ({ suspects, client, publish, now, log }: WatchOptions): Promise<string[]> => {
  const runIds = suspects.runIds()
  if (runIds.length === 0) return []
  const told: string[] = []
  const attend = async (workflowId: string, runId: string): Promise<void> => {
    const run = await look(client, workflowId)
    if (run?.runId !== runId || run.status.name !== 'RUNNING' || run.raw.pendingWorkflowTask == null)
      return suspects.forget(runId)
    if (!keepsFailing(run) || suspects.isNoted(runId)) return
    const requested = await requestedAtStart(client, workflowId)
    if (requested !== undefined) await publish([await attentionMessage(requested.request, run, { client, now })])
    log.error({ workflowId, run: runId }, 'a workflow task fails again and again')
    suspects.note(runId)
    told.push(workflowId)
  }
  const query = `RunId IN (${runIds.map((runId) => `'${runId}'`).join(', ')}) AND WorkflowType = '${workflowType}'`
  const found: (readonly [string, string])[] = []
  for await (const { workflowId, runId } of client.workflow.list({ query })) found.push([workflowId, runId])
  // One that the search does not know is of no saga, or too young to fail again and again.
  for (const runId of runIds) if (!found.some(([, known]) => known === runId)) suspects.forget(runId)
  await inGroups(
    found.map((run) => [run]),
    atOnce,
    ([workflowId, runId]) => attend(workflowId, runId),
  )
  return told
}

const everyMs = 15_000

/** Looks at the suspects every 15 s. Returns how to stop. */
export const watchFailingTasks = (options: WatchOptions): (() => void) => {
  const timer = setInterval(
    () =>
      lookAtSuspects(options).catch((error: unknown) =>
        options.log.warn({ err: error }, 'runs whose workflow task fails cannot be looked at'),
      ),
    everyMs,
  )
  return () => clearInterval(timer)
}
