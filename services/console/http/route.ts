import { checkEach } from '@countermand/contracts'
import type { z } from 'zod'
import type { Caller } from '../store/keys.ts'
import { type Endpoint, readsBody } from './endpoints.ts'
import { type Invalid, Problem, pointerOf } from './problems.ts'

/** A call as it came. */
export interface Incoming {
  readonly params: unknown
  readonly query: unknown
  readonly body: Buffer | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Nobody, where nobody has to be. */
  readonly caller: Caller
  readonly way: Way
  readonly traceparent: string | null
}

/** A call that was checked. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: Incoming['headers']
  readonly caller: Caller
  /** Of an endpoint that is not keyed: empty. */
  readonly idempotencyKey: string
  /** For how long an answer may be put off, in ms, until there is more to tell; 0 where the endpoint does not wait, or nobody wants it. */
  readonly waitMs: number
  readonly way: Way
  readonly traceparent: string | null
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Names what is in the body: whoever has it already is told so. */
  readonly etag?: string
  /** Writes what comes, in place of a body, or throws before it has written anything. */
  readonly stream?: (to: Sink, way: Way) => void
}

/** Where a stream goes. */
export interface Sink {
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  write(text: string): unknown
  end(text?: string): unknown
  destroy(): unknown
  on(event: 'error', listener: () => void): unknown
}

/** The connection that a stream goes by: several answers wait for each other on one, and those behind the first do not hear of its end. */
export interface Way {
  readonly destroyed: boolean
  on(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

export interface Route {
  readonly endpoint: Endpoint
  answer(incoming: Incoming): Promise<Reply>
}

const textOf = (header: string | string[] | undefined): string =>
  Array.isArray(header) ? header.join(', ') : (header ?? '')

const jsonIn = ({ body, headers }: Incoming): unknown => {
  const [type = ''] = textOf(headers['content-type']).toLowerCase().split(';')
  if (type.trim() !== 'application/json') throw new Problem('media-type', 'expected application/json')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new Problem('unreadable', `expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

const checked = <Schema extends z.ZodType>(schema: Schema, data: unknown): z.infer<Schema> => {
  const found = checkEach(schema, data)
  if (found.ok) return found.data
  const errors: Invalid[] = found.problems.map(({ path, detail }) => ({ pointer: pointerOf(path), detail }))
  throw new Problem('invalid', errors.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; '), {
    errors,
  })
}

/** The draft of the header has a string of structured fields in quotes; many leave them out. */
const idempotencyKeyIn = ({ keyed }: Endpoint, { headers }: Incoming): string => {
  const text = textOf(headers['idempotency-key'])
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (keyed && (key === '' || key.length > 255))
    throw new Problem(
      'key-missing',
      'expected a header Idempotency-Key of 1 to 255 characters, the same when it is tried again',
    )
  return key
}

const mostWaitMs = 30_000

/** `Prefer: wait=<seconds>` (RFC 7240). */
export const waitMsIn = ({ waits }: Endpoint, headers: Incoming['headers']): number => {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(textOf(headers.prefer)) ?? []
  return waits && seconds !== undefined ? Math.min(Number(seconds) * 1_000, mostWaitMs) : 0
}

/** An endpoint, and what answers it: nobody is called with what its table does not take. */
export const route = <Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  endpoint: Endpoint<Params, Query, Body>,
  answer: (call: Call<z.infer<Params>, z.infer<Query>, z.infer<Body>>) => Promise<Reply>,
): Route => ({
  endpoint,
  answer: async (incoming) => {
    const { headers, caller, way, traceparent } = incoming
    const body = readsBody(endpoint) ? jsonIn(incoming) : undefined
    return answer({
      ...{ headers, caller, way, traceparent, idempotencyKey: idempotencyKeyIn(endpoint, incoming) },
      waitMs: waitMsIn(endpoint, headers),
      params: checked(endpoint.params, incoming.params),
      query: checked(endpoint.query, incoming.query),
      body: checked(endpoint.body, body),
    })
  },
})
