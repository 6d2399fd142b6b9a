import { InfrastructureError } from '@countermand/kafka/message.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import type { Client } from '@temporalio/client'
import type { ReadingGate } from '../messages/reader.ts'
import { gateLagMs } from '../protocol/pause.ts'
import { type Pause, pauseInWords, readPause } from '../runs/read-pause.ts'

/** The door before intake, the same for all processes: it is Temporal that remembers whether it is shut. */
export interface IntakeGate extends ReadingGate {
  /** The pause that was in force when it was last looked. */
  paused(): Pause | undefined
  stop(): void
}

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
