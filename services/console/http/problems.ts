import type { Next } from '../decide/next.ts'

/** Every problem that this API answers with, by its code (RFC 9457). */
export const problems = {
  unreadable: { status: 400, title: 'The request cannot be read' },
  'key-missing': { status: 400, title: 'Idempotency-Key is missing' },
  'not-signed-in': { status: 401, title: 'A key that counts is missing' },
  'not-allowed': { status: 403, title: 'This key may not do that' },
  'no-merchants': { status: 403, title: 'Whose orders may be seen is not said' },
  'sign-in-failed': { status: 401, title: 'The sign-in did not count' },
  'foreign-form': { status: 403, title: 'The form is not of this page' },
  'link-used': { status: 410, title: 'The link was used before' },
  'link-expired': { status: 410, title: 'The link has expired' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'order-not-found': { status: 404, title: 'The order is not known' },
  'request-not-found': { status: 404, title: 'The request is not known' },
  'webhook-not-found': { status: 404, title: 'The webhook is not known' },
  'delivery-not-found': { status: 404, title: 'The delivery is not known' },
  'method-not-allowed': { status: 405, title: 'There is something else here' },
  'order-exists': { status: 409, title: 'There is another order of this id' },
  'already-cancelled': { status: 409, title: 'Nothing is left to cancel' },
  'cancellation-in-progress': { status: 409, title: 'The order is being cancelled' },
  'quantity-exceeded': { status: 409, title: 'More was asked for than is left' },
  'too-late': { status: 409, title: 'The request has ended' },
  'already-decided': { status: 409, title: 'It was decided before' },
  'too-large': { status: 413, title: 'The body is too large' },
  'media-type': { status: 415, title: 'Only JSON is read' },
  invalid: { status: 422, title: 'Some of it is not valid' },
  'key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'too-many-calls': { status: 429, title: 'It is called too often' },
  'too-many-streams': { status: 429, title: 'Too many streams are open' },
  internal: { status: 500, title: 'Something is wrong here' },
  away: { status: 503, title: 'Something that is needed is away' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>
export type ProblemCode = keyof typeof problems

/** One field that is not valid, by its JSON pointer (RFC 6901). */
export interface Invalid {
  readonly pointer: string
  readonly detail: string
}

interface More {
  readonly errors?: readonly Invalid[]
  readonly next?: readonly Next[]
  /** What may be done at this address, by its methods. */
  readonly allow?: readonly string[]
  /** In which it may be tried again, in seconds; 2 where it is not known. */
  readonly after?: number
}

/** Thrown wherever a call cannot be answered as it wishes. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly more: More
  constructor(code: ProblemCode, detail: string, more: More = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.more = more
  }
}

/** Its body, as `application/problem+json`. `instance`: the path that was asked for. */
export const bodyOf = ({ code, message, more: { after: _, allow: __, ...more } }: Problem, instance: string) => ({
  ...{ type: `urn:countermand:problem:${code}`, ...problems[code], detail: message, instance, code, ...more },
})

export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
