import { setTimeout as sleep } from 'node:timers/promises'
import type { Remedy } from '@countermand/contracts'
import { type ResolveInput, resolveUpdate, statusQuery } from '@countermand/workflows/src/protocol/inputs.ts'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { Game } from './game.ts'

/** Whoever looks after a game: the operator, and the sweep. */

/**
 * More looks than any order needs, of which there are 20 a second: two minutes of a machine that has the time, and so many times as long
 * where ten other things are done, and each look takes longer.
 */
const mostLooks = 2_400

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
      // What was terminated after its public end goes on at the next sweep, while its shop is open still.
      return status.name === 'RUNNING' || status.name === 'TERMINATED' ? [id] : []
    } catch (error) {
      // Its event was published, and nobody has read it yet.
      if (error instanceof WorkflowNotFoundError) return [id]
      throw error
    }
  })
  return (await Promise.all(looked)).flat()
}

const wordsOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? `${error}: ${wordsOf(error.cause)}` : String(error)

/** What a run says of itself, and what Temporal says that it waits for. */
const whereItIs = async ({ orchestrator: { client } }: Game, id: string): Promise<string> => {
  const run = client.workflow.getHandle(id)
  const status = run.query(statusQuery).then((said) => JSON.stringify(said), wordsOf)
  const { raw } = await run.describe()
  const task = raw.pendingWorkflowTask
  const parts = [
    ...(raw.pendingActivities ?? []).map(({ activityId, activityType, state, attempt, lastFailure }) =>
      JSON.stringify({ activityId, type: activityType?.name, state, attempt, failure: lastFailure?.message }),
    ),
    ...(task == null ? [] : [`workflow task ${JSON.stringify(task)}`]),
  ]
  const { events } = await run.fetchHistory()
  const last = (events ?? [])
    .slice(-4)
    .map(({ eventId, eventType, eventTime }) => JSON.stringify({ eventId, eventType, eventTime }))
  return `${await status}; ${parts.join('; ')}; ${last.join()}`
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

  for (let round = 1; round <= mostLooks; round++) {
    await sleep(50)
    if (!scenario.placed) shop.patienceOver()
    if (round % 10 === 0) await sweep(game)
    if (round % 40 === 0 && game.lost.size > 0) await game.orchestrator.sweepLostRuns()
    // An undo that came too late leaves its step parked, and is no news.
    if (isParked(game) || round % 40 === 0) await decideAll()
    const haveEnded = requests.every(({ requestId }) => 'end' in (known(requestId) ?? {}))
    if (haveEnded && (await openRuns(game)).length === 0) return []
  }
  const waiting = (await openRuns(game)).map(async (id) => `${id}: ${await whereItIs(game, id)}`)
  return [`not over after ${mostLooks} looks`, ...(await Promise.all(waiting))]
}
