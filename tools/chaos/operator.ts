import { setTimeout as sleep } from 'node:timers/promises'
import { remedy } from '@countermand/contracts'
import { listRuns, type Run } from '@countermand/workflows/operations/find/runs.ts'
import type { Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { z } from 'zod'
import type { Load, Meddling } from './load.ts'
import { seedOf } from './mix.ts'

const place = z.object({ step: z.string(), direction: z.enum(['do', 'undo']), round: z.int() })
const status = z.object({ attention: place.extend({ remedies: z.array(remedy) }).optional() })

type Decision = z.infer<typeof remedy>

const everyMs = 1_000
const mostTries = 5

/** What somebody fancies: any number, the same for the same words. */
const whim = (...words: readonly (string | number)[]): number => seedOf(words.join('/'))

const oneOf = <T>(all: readonly T[], whim: number): T | undefined => all[whim % all.length]

/** Whatever they fancy of what is offered, and at last what lets the saga go: each has a way to its end. */
const decisionFor = (remedies: readonly Decision[], tries: number, fancy: number): Decision =>
  tries >= mostTries && remedies.includes('skip') ? 'skip' : (oneOf(remedies, fancy) ?? 'retry')

/** Decides what a run waits for: now and then as two people who do not know of each other, or without a look at the step. */
const resolve = async ({ client }: Temporal, { workflowId }: Run, tries: number): Promise<void> => {
  const run = client.workflow.getHandle(workflowId)
  const { attention } = status.parse(await run.query('status'))
  if (attention === undefined) return
  const fancy = whim(workflowId, tries)
  const { remedies, ...looked } = attention
  const decision = decisionFor(remedies, tries, fancy)
  const to = decision === 'refund-elsewhere' ? { to: oneOf(['store-credit', 'bank-transfer'], fancy) } : {}
  const about = fancy % 5 === 0 ? {} : looked
  const input = { decision, ...to, ...about, by: 'op-chaos', reason: 'as the chaos run goes' }
  const send = () => run.executeUpdate('resolve', { args: [input] })
  await Promise.any(fancy % 4 === 0 ? [send(), send()] : [send()])
}

const deeds = ['settle', 'withdraw', 'decide', 'cancel'] as const

/** What people do at wrong times: they settle a refund that nobody asked them about, withdraw late, decide for the merchant, press Cancel. */
const meddle = async ({ client }: Temporal, workflowId: string, { by, deed }: Meddling): Promise<unknown> => {
  const run = client.workflow.getHandle(workflowId)
  const update = (name: string, input: object) => run.executeUpdate(name, { updateId: by, args: [{ ...input, by }] })
  switch (deed) {
    case 'settle':
      return update('resolve', { decision: 'skip', step: 'refund', direction: 'do', round: 1, reason: 'by mistake' })
    case 'withdraw':
      return update('withdraw', {})
    case 'decide':
      return update('decide', { decision: whim(by, 'what') % 2 === 0 ? 'approve' : 'reject' })
    case 'cancel':
      return run.cancel()
  }
}

/** Whether it was done. A saga that went on by itself meanwhile is no trouble, nor is an orchestrator that is down. */
const done = ({ client }: Temporal, deed: () => Promise<unknown>): Promise<boolean> =>
  client.connection
    .withDeadline(Date.now() + 5_000, deed)
    .then(() => true)
    .catch(() => false)

/**
 * Plays people until the signal aborts: they find what needs attention as `saga list --attention` does, and decide; and they meddle with
 * sagas that may end in any way, whatever those are at.
 */
export const operate = async (temporal: Temporal, load: Load, over: AbortSignal): Promise<void> => {
  const tries = new Map<string, number>()
  for (let round = 0; !over.aborted; round += 1) {
    // Temporal may be what is broken: what parks waits.
    const parked = await listRuns(temporal, { attention: true }).catch(() => [])
    for (const run of parked) {
      const before = tries.get(run.workflowId) ?? 0
      if (await done(temporal, () => resolve(temporal, run, before))) tries.set(run.workflowId, before + 1)
      if (over.aborted) return
    }
    const open = load.open().filter(({ foreseen }) => foreseen.outcomes.has('withdrawn'))
    const victim = oneOf(open, whim(round, 'whom'))
    if (victim !== undefined) {
      const meddling: Meddling = { by: `meddler-${round}`, deed: oneOf(deeds, whim(round, 'what')) ?? 'cancel' }
      victim.meddlings.push(meddling)
      await done(temporal, () => meddle(temporal, victim.workflowId, meddling))
    }
    await sleep(everyMs, undefined, { signal: over }).catch(() => undefined)
  }
}
