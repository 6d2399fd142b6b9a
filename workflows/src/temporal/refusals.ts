import { UnreadableMessage } from '@countermand/contracts'
import type { IncomingMessage } from '@countermand/kafka'
import { asDeadLetter, grpcErrorOf } from './trouble.ts'

/** gRPC's DEADLINE_EXCEEDED, PERMISSION_DENIED, UNAVAILABLE and UNAUTHENTICATED: a server that is away, or closed to this process. */
const away = [4, 7, 14, 16]

/** Long enough for a namespace that is throttled, a run that is busy, and a part of the server that moves. */
export const refusedAloneForMs = 15 * 60_000

type Place = Pick<IncomingMessage, 'topic' | 'partition' | 'offset'>

/**
 * Tells a server that has no time now from one that refuses a single message, again and again, while it takes others: what is said of
 * one run must not hold up a partition for ever.
 */
export const createRefusals = () => {
  /** When each message was refused first. */
  const since = new Map<string, number>()
  let takenAt = Number.NEGATIVE_INFINITY
  const placeOf = ({ topic, partition, offset }: Place) => `${topic}/${partition}/${offset}`

  /** For how long it alone has been refused, in ms; 0: others were too. */
  const aloneFor = (message: Place): number => {
    const now = performance.now()
    // Partitions that another process reads by now.
    for (const [place, at] of since) if (now - at > 4 * refusedAloneForMs) since.delete(place)
    const first = since.get(placeOf(message)) ?? now
    since.set(placeOf(message), first)
    return takenAt > first ? now - first : 0
  }

  return {
    /** Temporal has answered this one. */
    taken: (message: Place): void => {
      takenAt = performance.now()
      since.delete(placeOf(message))
    },
    /** Why a message is put aside. Throws what is to be tried again. */
    asDeadLetter: (message: Place, error: unknown): UnreadableMessage => {
      try {
        return asDeadLetter(error)
      } catch (infrastructure) {
        const said = grpcErrorOf(error)
        if (said === undefined || away.includes(said.code)) throw infrastructure
        if (aloneFor(message) < refusedAloneForMs) throw infrastructure
        return new UnreadableMessage(
          'processing-failed',
          `expected Temporal to take it as it took others, got "${said.details}" for a quarter of an hour`,
          { cause: error },
        )
      }
    },
  }
}

export type Refusals = ReturnType<typeof createRefusals>
