import type { Secret } from './secret.ts'

/** A token, as somebody who gives tokens has given it. */
export interface Given {
  readonly token: Secret
  /** Milliseconds that it is valid for. */
  readonly lifeMs: number
}

/** Bearer tokens that providers give for an app's own credentials (RFC 6749 §4.4). */
export interface Tokens {
  /** The token that is known by this name, or the one that `ask` brings: it is asked for once, however many want it. */
  find(name: string, ask: () => Promise<Given>): Promise<Secret>
  /** It was not taken: the next is a new one. */
  drop(name: string, token: Secret): void
}

interface Kept {
  readonly token: Promise<Secret>
  value?: Secret
  /** ms since the epoch. */
  until: number
}

/** A call takes a while, and clocks differ. */
const earlyMs = 60_000

export const createTokens = (now: () => number = Date.now): Tokens => {
  const kept = new Map<string, Kept>()
  return {
    find: (name, ask) => {
      const known = kept.get(name)
      if (known !== undefined && now() < known.until) return known.token
      const next: Kept = {
        until: Number.POSITIVE_INFINITY,
        token: ask().then(
          ({ token, lifeMs }) => {
            next.until = now() + lifeMs - earlyMs
            next.value = token
            return token
          },
          (error: unknown) => {
            if (kept.get(name) === next) kept.delete(name)
            throw error
          },
        ),
      }
      kept.set(name, next)
      return next.token
    },
    drop: (name, token) => {
      if (kept.get(name)?.value === token) kept.delete(name)
    },
  }
}
