import { setTimeout as sleep } from 'node:timers/promises'
import { readDeadLetters } from '@countermand/workflows/operations/dead-letters/read.ts'
import { listFailingRuns } from '@countermand/workflows/operations/find/failing-runs.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { heldEvents } from '@countermand/workflows/operations/intake/held.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import type { Databases } from '@countermand/workflows/operations/reach/databases.ts'
import type { Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { wholeStory } from '@countermand/workflows/operations/story/with-runs.ts'
import { startProgress } from '../progress.ts'
import type { Found } from './drills.ts'
import type { Made } from './make.ts'

/** Where an operator looks. */
export interface Eyes {
  readonly temporal: Temporal
  readonly databases: Databases
  readonly where: Addresses
}

/** `undefined`: nothing yet. */
type Look = { readonly stuck: boolean; readonly is: string } | undefined

const inAttention = async ({ temporal }: Eyes, { orderId, workflowId }: Made, reason: string): Promise<Look> => {
  const parked = await listRuns(temporal, { attention: true, order: orderId })
  const failing =
    reason === 'workflow-task-failing' ? await listFailingRuns(temporal, { order: orderId }, startProgress) : []
  const found = [...parked, ...failing.map(({ run }) => run)][0]?.attentionReason
  if (found !== undefined) return { stuck: found === reason, is: `needs attention: ${found}` }
  if (reason === 'refund-reversed') return undefined
  const [ended] = (await listRuns(temporal, { order: orderId })).filter((run) => run.workflowId === workflowId)
  return ended?.outcome === undefined ? undefined : { stuck: false, is: `ended: ${ended.outcome}` }
}

const waits = async (eyes: Eyes, { requestId }: Made, words: string): Promise<Look> => {
  const story = await wholeStory(requestId, eyes, async () => [])
  const [next] = story?.next?.split('\n') ?? []
  if (next?.includes(words)) return { stuck: true, is: next }
  return story?.outcome ? { stuck: false, is: `ended: ${story.outcome}` } : undefined
}

const buried = async ({ where }: Eyes, { orderId }: Made, reason: string): Promise<Look> => {
  const letter = (await readDeadLetters(where)).find(({ key }) => key === orderId)
  return letter && { stuck: letter.reason === reason, is: `dead letter ${letter.id}: ${letter.reason}` }
}

const held = async ({ where }: Eyes): Promise<Look> => {
  const events = await heldEvents(where)
  return events > 0 ? { stuck: true, is: `cancel events held in Kafka: ${events}` } : undefined
}

const look = (eyes: Eyes, made: Made, found: Found): Promise<Look> => {
  switch (found.by) {
    case 'attention':
      return inAttention(eyes, made, found.reason)
    case 'next':
      return waits(eyes, made, found.words)
    case 'dead-letter':
      return buried(eyes, made, found.reason)
    case 'held':
      return held(eyes)
  }
}

const lookEveryMs = 500

/** Waits until an operator would find it; not stuck: it came to something else, or to nothing in time. */
export const untilStuck = async (
  eyes: Eyes,
  made: Made,
  found: Found,
  withinMs: number,
): Promise<{ readonly stuck: boolean; readonly is: string }> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    const seen = await look(eyes, made, found)
    if (seen !== undefined) return seen
    if (performance.now() > deadline) return { stuck: false, is: `nothing to be seen within ${withinMs / 1000} s` }
    await sleep(lookEveryMs)
  }
}
