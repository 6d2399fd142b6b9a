import { InfrastructureError } from '@countermand/messaging/message.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { pausedByMemo, pausedForMemo, pauseId, type Told } from '../protocol/pause.ts'

/** Kafka's name for those who take cancel events, without the prefix. */
export const intakeGroup = 'countermand-intake'

/** A pause of intake that is in force. */
export interface Pause extends Told {
  readonly since: Date
}

/** The pause that is in force; `undefined`: intake is open. Throws when Temporal does not answer. */
export const readPause = async (client: Client): Promise<Pause | undefined> => {
  try {
    const { status, memo = {}, startTime } = await client.workflow.getHandle(pauseId).describe()
    if (status.name !== 'RUNNING') return undefined
    const { [pausedByMemo]: by, [pausedForMemo]: reason } = memo
    return { by: String(by ?? 'somebody'), reason: String(reason ?? 'no reason given'), since: startTime }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

export const pauseInWords = ({ by, reason, since }: Pause): string =>
  `intake is paused since ${since.toISOString()} by ${by}: ${reason}`

/** The door before intake, the same for all processes: it is Temporal that remembers whether it is shut. */
export interface IntakeGate {
  /** The pause that was in force when it was last looked. */
  paused(): Pause | undefined
  /** Throws while intake is paused. What it lets through was allowed a second ago or less. */
  pass(): Promise<void>
  /** Calls back after each look. */
  listen(listener: (paused: boolean) => void): void
  stop(): void
}

/** How long a pause may go unseen, in ms. */
export const gateLagMs = 1_000

/** Looks now, and each second. Throws when Temporal does not answer the first time. */
export const openIntakeGate = async (options: {
  readonly client: Client
  readonly log: Logger
  readonly metrics: Metrics
}): Promise<IntakeGate> => {
  const { client, log } = options
  const gauge = options.metrics.gauge({
    name: 'countermand_intake_paused',
    help: '1 while cancel events are held in Kafka, else 0',
  })
  let listener = (_paused: boolean) => {}
  let paused: Pause | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined

  const look = async (): Promise<void> => {
    const startedAt = performance.now()
    const found = await readPause(client)
    if ((found === undefined) !== (paused === undefined))
      log.warn(found ?? {}, found === undefined ? 'intake is resumed' : 'intake is paused')
    paused = found
    lookedAt = startedAt
    gauge.set(found === undefined ? 0 : 1)
    listener(found !== undefined)
  }
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  await lookOnce()
  const timer = setInterval(() => {
    lookOnce().catch((error: unknown) => log.warn({ err: error }, 'Temporal does not say whether intake is paused'))
  }, gateLagMs)
  return {
    paused: () => paused,
    pass: async () => {
      if (performance.now() - lookedAt > gateLagMs)
        await lookOnce().catch((cause: unknown) => {
          throw new InfrastructureError('expected Temporal to say whether intake is paused', { cause })
        })
      if (paused !== undefined) throw new InfrastructureError(pauseInWords(paused))
    },
    listen: (next) => {
      listener = next
    },
    stop: () => clearInterval(timer),
  }
}
