import { setTimeout as sleep } from 'node:timers/promises'
import { remedy } from '@countermand/contracts'
import { z } from 'zod'
import { listRuns, type Run, type Temporal } from '../saga/runs.ts'

const status = z.object({ attention: z.object({ remedies: z.array(remedy) }).optional() })

const everyMs = 1_000
const mostTries = 5

/** Tries a parked step again, then sends the money elsewhere or turns back, and at last lets it go: each saga has a way to its end. */
const decisionFor = (remedies: readonly z.infer<typeof remedy>[], tries: number): z.infer<typeof remedy> => {
  if (tries >= mostTries) return 'skip'
  const wanted = tries === 0 ? (['retry'] as const) : (['refund-elsewhere', 'retry', 'undo'] as const)
  return wanted.find((each) => remedies.includes(each)) ?? 'skip'
}

const resolve = async ({ client }: Temporal, { workflowId }: Run, tries: number): Promise<void> => {
  const run = client.workflow.getHandle(workflowId)
  const { attention } = status.parse(await run.query('status'))
  if (attention === undefined) return
  const decision = decisionFor(attention.remedies, tries)
  const to = decision === 'refund-elsewhere' ? { to: 'store-credit' } : {}
  await run.executeUpdate('resolve', { args: [{ decision, ...to, by: 'op-chaos', reason: 'as the chaos run goes' }] })
}

/** Plays the operator until the signal aborts: finds what needs attention as `saga list --attention` does, and decides. */
export const operate = async (temporal: Temporal, over: AbortSignal): Promise<void> => {
  const tries = new Map<string, number>()
  while (!over.aborted) {
    // Temporal may be what is broken: what parks waits.
    const parked = await listRuns(temporal, { attention: true }).catch(() => [])
    for (const run of parked) {
      const before = tries.get(run.workflowId) ?? 0
      // A saga that went on by itself meanwhile is no trouble, nor is an orchestrator that is down.
      const done = await temporal.client.connection
        .withDeadline(Date.now() + 5_000, () => resolve(temporal, run, before))
        .then(() => true)
        .catch(() => false)
      if (done) tries.set(run.workflowId, before + 1)
      if (over.aborted) return
    }
    await sleep(everyMs, undefined, { signal: over }).catch(() => undefined)
  }
}
