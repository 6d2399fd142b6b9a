import { createHash } from 'node:crypto'
import type { CancelRequested } from '@countermand/contracts'

/** Always the same for a request, so that asking again twice is one new request. In the shape of a UUID. */
export const nextRequestId = (requestId: string): string => {
  const hash = createHash('sha256').update(`retry of ${requestId}`).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}

/** The request that asks for the same again. */
export const nextRequest = (request: CancelRequested): CancelRequested => ({
  ...request,
  requestId: nextRequestId(request.requestId),
  requestedAt: new Date().toISOString(),
  retryOf: request.requestId,
})

/** As it is published. */
export const quoteRequest = (request: CancelRequested): string => JSON.stringify(request)

const longestNote = 2_000

/** Who asked again, and why: kept with the request. */
export const signed = (
  request: CancelRequested,
  { by, reason }: { readonly by: string; readonly reason: string },
): CancelRequested => {
  const { note } = request.reason
  const text = `asked again by ${by}: ${reason}${note === undefined ? '' : ` (first: ${note})`}`
  return { ...request, reason: { ...request.reason, note: text.slice(0, longestNote) } }
}
