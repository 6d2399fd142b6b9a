import { randomUUID } from 'node:crypto'
import type { Database } from '@countermand/database'
import { type Logger, type Metrics, within } from '@countermand/telemetry'
import { claimDue, type Due, disable, settle } from '../store/webhooks.ts'
import { type Calls, openCalls } from './call.ts'
import type { Allowed } from './public-address.ts'
import { sign } from './sign.ts'
import { disabledBecause, hasArrived, outcomeOf, type Try } from './tries.ts'

/** Tells endpoints what waits for them. Several processes may: each try is leased, and one whose process died is made again. */
export interface Deliverer {
  /** Looks no more, and waits a moment for the tries under way: what is left is tried again, elsewhere or later. */
  stop(): Promise<void>
}

const lookEveryMs = 500
const atOnce = 32
const stopGraceMs = 2_000

interface DelivererOptions {
  readonly database: Database
  readonly allowed: Allowed
  readonly log: Logger
  readonly metrics: Metrics
}

const results = ['arrived', 'failed'] as const

/** Makes one try, and writes what became of it. */
const trying = ({ database, log, metrics }: DelivererOptions, calls: Calls, token: string) => {
  const tries = metrics.counter<'result'>({
    name: 'countermand_webhook_tries_total',
    help: 'Tries to deliver a webhook, by result: arrived, failed',
    labelNames: ['result'],
  })
  for (const result of results) tries.inc({ result }, 0)

  const write = async ({ id, endpointId, attempts }: Due, tried: Try): Promise<void> => {
    const now = Date.now()
    const outcome = outcomeOf(tried, attempts, now, Math.random())
    const dueAt = outcome.state === 'waiting' ? new Date(outcome.dueAt).toISOString() : undefined
    const error = 'error' in tried ? tried.error : undefined
    const since = await settle(database, {
      ...{ id, endpointId, token, state: outcome.state, dueAt, status: tried.status, error },
    })
    const because = disabledBecause(tried, since, now)
    if (because === undefined) return
    await disable(database, endpointId, because)
    log.warn({ endpoint: endpointId, because }, 'a webhook endpoint is called no more')
  }

  return async (due: Due): Promise<void> => {
    const tried = await calls.post(due.url, due.body, sign(due.eventId, due.body, due.secrets, Date.now()))
    tries.inc({ result: hasArrived(tried) ? 'arrived' : 'failed' })
    await write(due, tried)
  }
}

export const startDeliverer = (options: DelivererOptions): Deliverer => {
  const { database, log } = options
  const token = randomUUID()
  const calls = openCalls(options.allowed)
  const attempt = trying(options, calls, token)
  const running = new Map<string, { readonly endpointId: string; readonly done: Promise<void> }>()
  let looking: Promise<void> | undefined
  let stopped = false

  const counts = (): Record<string, number> => {
    const byEndpoint: Record<string, number> = {}
    for (const { endpointId } of running.values()) byEndpoint[endpointId] = (byEndpoint[endpointId] ?? 0) + 1
    return byEndpoint
  }
  const begin = (due: Due) => {
    const done = attempt(due)
      .catch((error: unknown) =>
        log.warn({ err: error }, 'what became of a webhook could not be kept, it is tried again'),
      )
      .finally(() => {
        running.delete(due.id)
        look()
      })
    running.set(due.id, { endpointId: due.endpointId, done })
  }
  const claim = async () => {
    const room = atOnce - running.size
    if (room <= 0) return
    for (const due of await claimDue(database, token, counts(), room)) begin(due)
  }
  const look = () => {
    if (stopped || looking !== undefined) return
    looking = claim()
      .catch((error: unknown) => log.warn({ err: error }, 'webhooks could not be looked for, it is tried again'))
      .finally(() => {
        looking = undefined
      })
  }
  const timer = setInterval(look, lookEveryMs)

  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      const all = async () => {
        await looking
        await Promise.all([...running.values()].map(({ done }) => done))
      }
      await within(stopGraceMs, 'webhooks to end', all()).catch(() => {})
      await calls.close()
    },
  }
}
