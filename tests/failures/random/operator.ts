import { setTimeout as sleep } from 'node:timers/promises'
import type { Remedy } from '@countermand/contracts'
import { type ResolveInput, resolveUpdate, statusQuery } from '@countermand/workflows/src/protocol/inputs.ts'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { Game } from './game.ts'

/** Whoever looks after a game: the operator, and the sweep. */

/** More than it takes on a machine that does ten other things. */
const mostMs = 120_000

const lastResort: readonly Remedy[] = ['skip', 'retry', 'refund-elsewhere', 'undo']

/** What the operator decides the `count`-th time: what they would rather, and in the end whatever lets the saga go. */
const resolutionOf = ({ scenario }: Game, remedies: readonly Remedy[], count: number): ResolveInput => {
  const wanted = count < 4 ? [...scenario.wishes.slice(count), ...scenario.wishes] : lastResort
  const decision = wanted.find((each) => remedies.includes(each)) ?? remedies[0] ?? 'retry'
  const to = decision === 'refund-elsewhere' ? { to: 'store-credit' as const } : {}
  return { decision, by: 'ops-1', reason: 'as the test wants it', ...to }
}

/** Whether somebody waits for a person, as far as the order service was told. */
const isParked = ({ requests, known }: Game): boolean =>
  requests.some(({ requestId }) => {
    const records = (known(requestId)?.records ?? []).map(({ record }) => record.what)
    const count = (what: string) => records.filter((each) => each === what).length
    return count('needs-attention') > count('resolved')
  })

const sweep = ({ requests, lost, known, orchestrator, scenario }: Game) =>
  Promise.all(
    requests.map(async (request) => {
      const isHeld = known(request.requestId)?.status === 'holding'
      if (lost.has(request.requestId) && isHeld) await orchestrator.sweep(request, scenario.lane)
    }),
  )

const openRuns = async ({ runs, orchestrator: { client } }: Game): Promise<string[]> => {
  const looked = runs().map(async (id) => {
    try {
      const { status } = await client.workflow.getHandle(id).describe()
      return status.name === 'RUNNING' ? [id] : []
    } catch (error) {
      // Its event was published, and nobody has read it yet.
      if (error instanceof WorkflowNotFoundError) return [id]
      throw error
    }
  })
  return (await Promise.all(looked)).flat()
}

/**
 * Plays operator and sweep until every request has its end, and every run is over. Returns what is not, and what it waits for.
 */
export const attend = async (game: Game): Promise<string[]> => {
  const { scenario, shop, requests, known, runs, decisions } = game
  const { workflow } = game.orchestrator.client
  const decide = async (workflowId: string) => {
    const run = workflow.getHandle(workflowId)
    const { attention } = await run.query(statusQuery)
    if (attention === undefined) return
    const count = decisions.get(workflowId) ?? 0
    decisions.set(workflowId, count + 1)
    const { step, direction, round } = attention
    const args: [ResolveInput] = [{ step, direction, round, ...resolutionOf(game, attention.remedies, count) }]
    // An undo has its answer when payment has decided, which may need attention itself.
    const send = () => run.startUpdate(resolveUpdate, { args, waitForStage: 'ACCEPTED' })
    await Promise.allSettled(scenario.decidesTwice ? [send(), send()] : [send()])
  }
  // A run that has gone on or ended meanwhile takes no decision.
  const decideAll = () => Promise.all(runs().map((id) => decide(id).catch(() => undefined)))

  const until = Date.now() + mostMs
  for (let round = 1; Date.now() < until; round++) {
    await sleep(50)
    if (!scenario.placed) shop.patienceOver()
    if (round % 10 === 0) await sweep(game)
    if (round % 40 === 0 && game.lost.size > 0) await game.orchestrator.sweepLostRuns()
    // An undo that came too late leaves its step parked, and is no news.
    if (isParked(game) || round % 40 === 0) await decideAll()
    const haveEnded = requests.every(({ requestId }) => 'end' in (known(requestId) ?? {}))
    if (haveEnded && (await openRuns(game)).length === 0) return []
  }
  const waiting = (await openRuns(game)).map(async (id) => {
    const status = await workflow
      .getHandle(id)
      .query(statusQuery)
      .catch((error: unknown) => String(error))
    return `${id}: ${JSON.stringify(status)}`
  })
  return ['not over in time', ...(await Promise.all(waiting))]
}
