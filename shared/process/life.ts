import { constants } from 'node:os'
import { type Logger, within } from '@countermand/telemetry'

/** A process's way from its start to its end. */
export interface Life {
  /** Aborts when somebody asks the process to end. What a start waits for gives up with it. */
  readonly signal: AbortSignal
  /** What is to be done at the end, the last first. `withinMs`: how long that may take; what takes longer is left as it is. */
  atEnd(what: string, withinMs: number, work: () => Promise<unknown>): void
  /** Starts; then waits until somebody asks for the end, and does it. The process ends with 0, or with 1 when the start fails. */
  run(log: Logger, start: () => Promise<void>): Promise<never>
}

/**
 * The most that ending takes, whatever it waits for. Whoever runs processes gives them a little more before killing them: 60 s
 * (`stop_grace_period`, `terminationGracePeriodSeconds`).
 */
export const endWithinMs = 55_000

/** What began before the end was asked for, and cannot be called off: a migration, joining a group. */
const beganWithinMs = 15_000
/** A start that was still waiting has nothing to finish. */
const leaveWithinMs = 700

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Listens for SIGTERM and SIGINT. To be called before anything else: as process 1, Node takes no signal that nobody listens for. The first
 * one asks for an orderly end, the second ends the process at once.
 */
export const beginLife = (): Life => {
  const asked = new AbortController()
  const endings: { readonly what: string; readonly withinMs: number; readonly work: () => Promise<unknown> }[] = []
  const begun = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (asked.signal.aborted) process.exit(128 + constants.signals[signal])
      asked.abort(new Error(`ended by ${signal}`))
      begun.resolve(signal)
    })

  const endAll = async (log: Logger, mostMs: number) => {
    for (const { what, withinMs, work } of endings.toReversed())
      await within(Math.min(withinMs, mostMs), `${what} to end`, work()).catch((error: unknown) =>
        log.warn({ err: error }, `${what} did not end as it should`),
      )
  }
  const leave = async (log: Logger, work: Promise<unknown>, code: number): Promise<never> => {
    await within(endWithinMs, 'everything to end', work).catch((error: unknown) => {
      log.error({ err: error }, 'what is left is left as it is')
      process.exit(1)
    })
    log.info('stopped')
    return process.exit(code)
  }

  const run = async (log: Logger, start: () => Promise<void>): Promise<never> => {
    const starting = start().then(
      () => 'up' as const,
      (error: unknown) => ({ error }),
    )
    const first = await Promise.race([starting, begun.promise])
    if (typeof first === 'object') {
      if (!asked.signal.aborted) {
        log.fatal({ err: first.error }, 'the process cannot start')
        await within(leaveWithinMs, 'everything to end', endAll(log, leaveWithinMs)).catch(() => {})
        return process.exit(1)
      }
    }
    const signal = await begun.promise
    log.info({ signal }, 'stopping')
    const came = await within(beganWithinMs, 'the start to come to a point where it can end', starting).catch(
      (error: unknown) => ({ error }),
    )
    if (came === 'up') return leave(log, endAll(log, endWithinMs), 0)
    log.info({ signal, reason: wordsOf(came.error) }, 'asked to end before it was up')
    return leave(
      log,
      within(leaveWithinMs, 'all parts to end', endAll(log, leaveWithinMs)).catch(() => {}),
      0,
    )
  }
  return {
    signal: asked.signal,
    atEnd: (what, withinMs, work) => void endings.push({ what, withinMs, work }),
    run,
  }
}
