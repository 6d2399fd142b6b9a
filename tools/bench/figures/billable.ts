import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { workflowType } from '@countermand/workflows/src/protocol/inputs.ts'
import type { Client } from '@temporalio/client'
import { connectOutside } from '../../shop/outside.ts'
import { billableActions } from '../billable.ts'
import type { Bench } from '../measure.ts'
import { go, type Road, roads, straightRoad } from '../roads.ts'
import type { Lane } from '../stage.ts'
import { figureOf, rounded } from '../statistics.ts'
import type { Finding } from './finding.ts'

/** What one saga costs by Temporal Cloud's counting. */
export interface RoadCost {
  readonly road: string
  readonly lane: Lane
  readonly billableActions: number
  readonly historyEvents: number
}

const warmUp = 5

const costOf = async (client: Client, workflowId: string) => {
  const handle = client.workflow.getHandle(workflowId)
  // Its end is told a moment before the workflow itself is closed.
  await handle.result()
  const { events } = await handle.fetchHistory()
  return { billableActions: billableActions(events ?? []), historyEvents: events?.length ?? 0 }
}

const sampled = 32

/** What a saga of the latest cost in the mean: under load, some of their steps go to the slow lane. */
export const costOfLatest = async ({ stage }: Bench) => {
  const temporal = await openTemporal(stage.where)
  try {
    const latest = temporal.client.workflow.list({ query: `WorkflowType = '${workflowType}'`, pageSize: sampled })
    const costs: Awaited<ReturnType<typeof costOf>>[] = []
    for await (const { workflowId } of latest) {
      costs.push(await costOf(temporal.client, workflowId))
      if (costs.length === sampled) break
    }
    const mean = (values: readonly number[]) => rounded(values.reduce((sum, each) => sum + each, 0) / values.length, 1)
    return {
      events: mean(costs.map(({ historyEvents }) => historyEvents)),
      billableActions: mean(costs.map((cost) => cost.billableActions)),
    }
  } finally {
    await temporal.close()
  }
}

const costsIn = async (lane: Lane, { stage, say }: Bench): Promise<RoadCost[]> => {
  await stage.stopOrchestrator()
  await stage.startOrchestrator(lane)
  const { where } = stage
  const outside = await connectOutside({ kafkaBrokers: where.kafkaBrokers.join(','), topicPrefix: where.topicPrefix })
  const temporal = await openTemporal(where)
  try {
    // A process that has just started is slower than a workflow task lasts.
    for (let warm = 0; warm < warmUp; warm += 1) await go(roads[0], outside)
    const cost = async (road: Road): Promise<RoadCost> => {
      const found = { road: road.title, lane, ...(await costOf(temporal.client, await go(road, outside))) }
      say(`${lane} lane, ${road.title}: ${found.billableActions} billable actions, ${found.historyEvents} events`)
      return found
    }
    // The straight road has a goal, and must not wait behind others.
    const [straight, ...others] = roads
    return [await cost(straight), ...(await Promise.all(others.map(cost)))]
  } finally {
    await outside.stop()
    await temporal.close()
  }
}

/** Billable actions of each road, each step an ordinary activity and in the fast lane. Leaves the fast lane running. */
export const billable = async (bench: Bench): Promise<Finding & { readonly roads: readonly RoadCost[] }> => {
  const costs = [...(await costsIn('slow', bench)), ...(await costsIn('adaptive', bench))]
  const straight = costs.filter(({ road, lane }) => road === straightRoad && lane === 'adaptive')
  return {
    runs: [],
    roads: costs,
    ratios: { billableActions: figureOf(straight.map((cost) => cost.billableActions)) },
    notes: [],
  }
}
