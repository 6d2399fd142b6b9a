import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@countermand/database'
import { type Logger, singleFlight } from '@countermand/telemetry'
import { cancellationOf } from '../decide/cancellation.ts'
import type { Cancellation, Told } from '../state.ts'
import { countingKeys } from '../store/keys.ts'
import { versionsOf } from '../store/queries.ts'
import { load } from '../store/store.ts'
import { Problem } from './problems.ts'
import type { Reply, Sink, Way } from './route.ts'

/** Server-sent events of requests: every version once, in order, with its number as the id. */
export interface Streams {
  open(wanted: Wanted): Promise<Reply>
  /** Resolves when the request is over, or nothing more comes from here; after so many ms at the latest. It takes a place as a stream does: where there is none, nothing is waited for. */
  untilOver(wanted: Omit<Wanted, 'seen'>, ms: number, way: Way): Promise<void>
  /** Ends them all: whoever reads comes again, here or elsewhere. */
  close(): void
}

interface Wanted {
  readonly orderId: string
  readonly requestId: string
  /** The version that was seen last; 0: none. */
  readonly seen: number
  /** By which key it is read. */
  readonly keyId: string
}

interface Open extends Wanted {
  seen: number
  readonly to: Sink
  /** No more comes from here. */
  leave(): void
}

const lookEveryMs = 500
const beatEveryMs = 15_000
const most = { ofOne: 5, ofAll: 1_000 }
/** Who reads slower than that is let go, and may come again. */
const mostUnreadBytes = 1_048_576

/** The public story may still tell of money after its end; of money that is where it belongs nothing more comes, but a reversal after all. */
export const isOver = ({ outcome, attention, refunds }: Cancellation): boolean =>
  outcome !== undefined &&
  attention === undefined &&
  refunds.every(({ state }) => state === 'succeeded' || state === 'failed')

interface StreamOptions {
  readonly database: Database
  readonly answerOf: (now: Cancellation, version: number) => object
  readonly log: Logger
}

/** Writes the versions that were not seen; whether nothing more is to come. */
const writeNew = (stream: Open, told: readonly Told[], answerOf: StreamOptions['answerOf']): boolean => {
  const { orderId, requestId, to } = stream
  for (let version = stream.seen + 1; version <= told.length; version++) {
    const now = cancellationOf(orderId, requestId, told.slice(0, version))
    stream.seen = version
    if (now === undefined) continue
    to.write(`id: ${version}\nevent: cancellation\ndata: ${JSON.stringify(answerOf(now, version))}\n\n`)
  }
  const now = cancellationOf(orderId, requestId, told)
  return now !== undefined && isOver(now)
}

/** Resolves when a stream that nobody reads has ended, or whoever waits is gone; after so many ms at the latest. */
const ended = async (begin: (to: Sink) => Pick<Open, 'leave'> | undefined, ms: number, way: Way): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  const [nothing, over] = [() => {}, new AbortController()]
  const nowhere = { writableLength: 0, writeHead: nothing, write: nothing, end, destroy: end, on: nothing }
  const stream = begin(nowhere)
  if (stream === undefined) return
  way.on('close', end)
  await Promise.race([promise, sleep(ms, undefined, { signal: over.signal }).catch(nothing)])
  over.abort()
  way.off('close', end)
  stream.leave()
}

export const createStreams = ({ database, answerOf, log }: StreamOptions): Streams => {
  const open = new Set<Open>()
  let timers: NodeJS.Timeout[] = []

  /** What was written goes out, be it after what the connection has before it. */
  const end = ({ to, leave }: Open, last?: string) => {
    leave()
    to.end(last)
  }

  const tell = (stream: Open, told: readonly Told[]) => {
    if (!open.has(stream)) return
    if (writeNew(stream, told, answerOf)) end(stream, 'event: end\ndata: {}\n\n')
    else if (stream.to.writableLength > mostUnreadBytes) {
      stream.leave()
      stream.to.destroy()
    }
  }

  const keyOf = ({ orderId, requestId }: Wanted) => JSON.stringify([orderId, requestId])

  /** Whose key was taken back, or is over, reads no further. */
  const endUnkeyed = async () => {
    const counting = await countingKeys(database, [...new Set([...open].map(({ keyId }) => keyId))])
    for (const stream of open) if (!counting.has(stream.keyId)) end(stream)
  }

  /** One question for all streams, whichever process took the news in. */
  const look = singleFlight(async () => {
    await endUnkeyed()
    const versions = await versionsOf(
      database,
      [...open].map(({ orderId, requestId }) => ({ orderId, requestId })),
    )
    const known = new Map([...versions].map(([key, version]) => [JSON.stringify(JSON.parse(key)), version]))
    const behind = [...open].filter((stream) => (known.get(keyOf(stream)) ?? 0) > stream.seen)
    if (behind.length === 0) return
    const cases = await load(database, [...new Set(behind.map(({ orderId }) => orderId))])
    for (const stream of behind) tell(stream, cases.get(stream.orderId)?.told.get(stream.requestId) ?? [])
  })
  const lookAgain = () => {
    look().catch((error: unknown) => log.warn({ err: error }, 'streams could not be told, it is tried again'))
  }
  const beat = () => {
    for (const { to } of open) to.write(': still here\n\n')
  }

  const isFull = ({ keyId }: Pick<Wanted, 'keyId'>) =>
    open.size >= most.ofAll || [...open].filter((each) => each.keyId === keyId).length >= most.ofOne

  /** Nothing is awaited between the count and what it counts. */
  const begin = (wanted: Wanted, told: readonly Told[], to: Sink, way: Way): Pick<Open, 'leave'> | undefined => {
    if (isFull(wanted))
      throw new Problem('too-many-streams', `expected at most ${most.ofOne} streams of one key at a time`)
    if (way.destroyed) return undefined
    const leave = () => {
      way.off('close', leave)
      if (!open.delete(stream) || open.size > 0) return
      for (const timer of timers) clearInterval(timer)
      timers = []
    }
    const stream: Open = { ...wanted, to, leave }
    open.add(stream)
    way.on('close', leave)
    to.on('error', leave)
    if (timers.length === 0) timers = [setInterval(lookAgain, lookEveryMs), setInterval(beat, beatEveryMs)]
    to.writeHead(200, {
      ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    })
    to.write('retry: 3000\n\n')
    tell(stream, told)
    return stream
  }

  const toldOf = async ({ orderId, requestId }: Pick<Wanted, 'orderId' | 'requestId'>) =>
    (await load(database, [orderId])).get(orderId)?.told.get(requestId) ?? []

  return {
    untilOver: async (wanted, ms, way) => {
      const told = await toldOf(wanted)
      if (isFull(wanted)) return
      await ended((to) => begin({ ...wanted, seen: 0 }, told, to, way), ms, way)
    },
    open: async (wanted) => {
      const { orderId, requestId, seen } = wanted
      const told = await toldOf(wanted)
      const now = cancellationOf(orderId, requestId, told)
      if (now !== undefined && isOver(now) && seen >= told.length) return { status: 204 }
      return { status: 200, stream: (to, way) => begin(wanted, told, to, way) }
    },
    close: () => {
      for (const stream of open) end(stream)
    },
  }
}
