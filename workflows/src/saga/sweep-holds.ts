import type { CancelRequested } from '@countermand/contracts'
import { ApplicationFailure, continueAsNew, patched, proxyActivities, workflowInfo } from '@temporalio/workflow'
import { nextSweepAfter, rotationFrom } from '../protocol/rotation.ts'
import type {
  FailingRun,
  LostRunActivities,
  RecoveredActivities,
  SweepActivities,
  SweepInput,
  Swept,
} from '../protocol/sweep.ts'
import { type Asker, inLane, openAsker } from './ask/lane.ts'
import { meterSweep } from './run/meter.ts'

/** After so many pages of 200 holds the sweep goes on in a new run, so that its history stays small. */
const pagesOfARun = 10

const { restartLost } = proxyActivities<SweepActivities>({
  summary: 'Look whether a saga is open for each hold, and start those that are lost',
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds' },
})

const { restartLostRuns } = proxyActivities<LostRunActivities>({
  summary: 'Let runs go on that are lost and that no hold tells of',
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds', maximumAttempts: 3 },
})

const { tellRecovered } = proxyActivities<RecoveredActivities>({
  summary: 'Look whether runs whose code failed go on by now',
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds', maximumAttempts: 3 },
})

const listHolds = async (asker: Asker, until: string, after: string | undefined) => {
  const call = {
    command: 'ListHolds',
    summary: `List the orders on hold since ${until}`,
    data: { until, ...(after === undefined ? {} : { after }) },
  } as const
  const answer = await inLane(asker, call, 1, () => {})
  if (answer.type === 'HoldsListed') return answer
  throw ApplicationFailure.nonRetryable(`expected the orders on hold to be listed, got ${JSON.stringify(answer)}`)
}

/** What cannot be looked at keeps no hold from being swept: the next sweep looks again. */
const lostRuns = (): Promise<string[]> => restartLostRuns().catch(() => [])

/** The same: the next sweep tells of them. */
const recovered = (failing: readonly FailingRun[]): Promise<string[]> => tellRecovered(failing).catch(() => [])

/**
 * Finds every hold whose saga is not open (terminated, failed, lost with its history) and starts it again under its own id:
 * it picks up the stored answers and recorded decisions, and finishes. Tells of runs whose code failed and does not any more. Then the
 * lost runs that no hold tells of. Run by a schedule.
 */
export async function sweepHolds({ minAgeMs, onward }: SweepInput): Promise<Swept> {
  const asker = openAsker({ orderId: 'sweep', requestId: 'sweep', lane: 'slow' })
  const until = onward?.until ?? new Date(Date.now() - minAgeMs).toISOString()
  let after = onward?.after
  let rotation = onward?.rotation ?? rotationFrom(workflowInfo().lastResult)
  const swept: Swept = { holds: 0, restarted: [], failing: [] }
  for (let page = 1; ; page++) {
    const listedAt = new Date().toISOString()
    const { holds, more, failing = [] } = await listHolds(asker, until, after)
    const requests: CancelRequested[] = holds.map(({ request }) => request)
    if (holds.length > 0) {
      const found = await restartLost(requests, listedAt, rotation)
      swept.restarted.push(...found.restarted)
      swept.failing.push(...found.failing)
      rotation = found.rotation ?? rotation
    }
    if (failing.length > 0) swept.recovered = await recovered(failing)
    swept.holds += holds.length
    after = requests.at(-1)?.requestId
    if (!more || after === undefined) {
      if (patched('lost-runs-are-swept')) swept.restarted.push(...(await lostRuns()))
      meterSweep()
      return { ...swept, nextAfter: nextSweepAfter(rotation) }
    }
    if (page === pagesOfARun) await continueAsNew<typeof sweepHolds>({ minAgeMs, onward: { until, after, rotation } })
  }
}
