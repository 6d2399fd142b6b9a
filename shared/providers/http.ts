import { inSpan } from '@countermand/telemetry'
import { Agent, request } from 'undici'
import type { Account } from './account.ts'
import { CallFailed, type FailedFacts } from './call-failed.ts'
import { type Circuit, type CircuitOptions, createCircuit } from './circuit.ts'

/**
 * The one way to providers: nothing else opens a connection to them. It follows no redirect, repeats nothing by itself, takes no proxy
 * from the environment, and calls no other place than the account's. What it says of a call has neither headers nor bodies in it.
 */

export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the base address on, with its query. */
  readonly path: string
  /** The path without what is in it, as `/v1/refunds/{id}`: what traces and errors say. */
  readonly route: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ProviderAnswer {
  readonly status: number
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** One more sign that the provider is away: of whoever got it, it is no attempt. */
  readonly outage?: Pick<FailedFacts, 'trouble' | 'retryAfterMs'>
}

/** Where a provider lives, unless an account says otherwise, and how it is known to be away. */
export interface Place {
  readonly baseUrl: string
  /** Absent: by an answer of 500 or more. */
  readonly isAway?: (answer: ProviderAnswer) => boolean
}

/** The requests of one call: together they take no longer than a call may. Throws {@link CallFailed}. */
export type Ask = (request: ProviderRequest) => Promise<ProviderAnswer>

/** `held-back`: its provider is known to be away, and was not called. `failed`: it may have been heard of, and no use came of it. */
export const callResults = ['answered', 'failed', 'unreached', 'held-back'] as const
export type CallResult = (typeof callResults)[number]

export interface Http {
  call(account: Pick<Account, 'name' | 'baseUrl'>, place: Place): Ask
  /** Whether each provider is away, by the account that it is called with. */
  away(): ReadonlyMap<string, boolean>
  close(): Promise<void>
}

export interface HttpOptions {
  readonly connectMs?: number
  /** Until an answer begins, and between two parts of it. */
  readonly answerMs?: number
  /** All requests of one call together: less than a service waits for a task, so that none goes out once it has been given up. */
  readonly callMs?: number
  /** Connections to one provider with one account. */
  readonly connections?: number
  readonly circuit?: CircuitOptions
  /** Told of each request. */
  readonly heard?: (account: string, result: CallResult) => void
}

const largestAnswer = 1_048_576

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const untrusted = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/
const isConnecting = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnecting)
  const code = codeOf(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || untrusted.test(code)) return true
  const call = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  return call === 'connect' || call === 'getaddrinfo'
}

/** Where a request goes; it throws when that is another place than it says: `..` in an id leads nowhere. */
const urlOf = (account: Pick<Account, 'name' | 'baseUrl'>, place: Place, { path, route }: ProviderRequest): URL => {
  const base = new URL(account.baseUrl ?? place.baseUrl)
  const prefix = base.pathname.replace(/\/$/, '')
  const url = /^\/[^/]/.test(path) ? URL.parse(`${base.origin}${prefix}${path}`) : null
  if (url === null || `${url.pathname}${url.search}` !== `${prefix}${path}`)
    throw new CallFailed(`${route} at ${account.name} is no path`, 'before-anything', { trouble: 'setup' })
  return url
}

const readAnswer = async ({ statusCode, headers, body }: Awaited<ReturnType<typeof request>>) => {
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  )
  return { status: statusCode, headers: Object.fromEntries(flat), body: await body.text() }
}

const failureOf = (error: unknown, what: string, circuit: Circuit, restMs: number): CallFailed => {
  const reached = isConnecting(error) ? 'before-anything' : 'unknown'
  const words = codeOf(error) || (error instanceof Error ? error.name : 'an error')
  return new CallFailed(`${what}: ${words}`, reached, awayFacts(circuit, restMs))
}

/** A sign that a provider is still away is no attempt of whoever gave it. */
const awayFacts = (circuit: Circuit, restMs: number): FailedFacts =>
  circuit.isOpen() ? { trouble: 'outage', retryAfterMs: restMs } : {}

/** Milliseconds that a provider asks to wait, in seconds or as a date; `undefined`: it does not say. `now`: ms since the epoch. */
export const retryAfterMs = ({ headers }: ProviderAnswer, now: number): number | undefined => {
  const given = headers['retry-after'] ?? ''
  const ms = /^\d{1,9}$/.test(given) ? Number(given) * 1000 : Date.parse(given) - now
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

export const openHttp = (options: HttpOptions = {}): Http => {
  const { connectMs = 5_000, answerMs = 30_000, callMs = 50_000, connections = 8 } = options
  const { restMs = 30_000 } = options.circuit ?? {}
  const { heard = () => {} } = options
  const ways = new Map<string, { readonly agent: Agent; readonly circuit: Circuit }>()
  const wayTo = (account: string) => {
    const known = ways.get(account)
    if (known !== undefined) return known
    const agent = new Agent({
      ...{ connections, allowH2: false, maxResponseSize: largestAnswer },
      ...{ connect: { timeout: connectMs }, headersTimeout: answerMs, bodyTimeout: answerMs },
    })
    const way = { agent, circuit: createCircuit(options.circuit) }
    ways.set(account, way)
    return way
  }
  return {
    call: (account, place) => {
      const { agent, circuit } = wayTo(account.name)
      const signal = AbortSignal.timeout(callMs)
      const isAway = place.isAway ?? (({ status }) => status >= 500)
      return async (asked) => {
        const url = urlOf(account, place, asked)
        const { method, route, headers, body } = asked
        const what = `${method} ${route} at ${account.name}`
        const wait = circuit.waitMs()
        if (wait > 0) {
          heard(account.name, 'held-back')
          throw new CallFailed(`${what}: it is known to be away`, 'before-anything', {
            ...{ trouble: 'outage', retryAfterMs: wait },
          })
        }
        const attributes = { 'http.request.method': method, 'url.template': route, 'server.address': url.hostname }
        return await inSpan({ name: `${method} ${route}`, kind: 'client', attributes }, async (span) => {
          try {
            const sent = { dispatcher: agent, method, headers, signal, body: body ?? null }
            const answer = await readAnswer(await request(url, sent))
            span.set({ 'http.response.status_code': answer.status })
            circuit.heard(isAway(answer))
            heard(account.name, isAway(answer) ? 'failed' : 'answered')
            return circuit.isOpen() ? { ...answer, outage: awayFacts(circuit, restMs) } : answer
          } catch (error) {
            circuit.heard(true)
            const failure = failureOf(error, what, circuit, restMs)
            heard(account.name, failure.reached === 'unknown' ? 'failed' : 'unreached')
            throw failure
          }
        })
      }
    },
    away: () => new Map([...ways].map(([account, { circuit }]) => [account, circuit.isAway()])),
    // What is under way has its time-outs; a process that ends waits for its tasks before.
    close: async () => void (await Promise.all([...ways.values()].map(({ agent }) => agent.destroy()))),
  }
}
