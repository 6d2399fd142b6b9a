import type { Answer } from '../serve-api.ts'

export const ok = (body: unknown): Answer => ({ status: 200, body })

/** An error as the API has it. */
export const no = (
  status: number,
  message: string,
  { code, param, type = 'invalid_request_error' }: { code?: string; param?: string; type?: string } = {},
): Answer => ({
  status,
  body: { error: { type, message, ...(code !== undefined && { code }), ...(param !== undefined && { param }) } },
})

export const missing = (kind: string, id: string): Answer =>
  no(404, `No such ${kind}: '${id}'`, { code: 'resource_missing', param: kind === 'charge' ? 'charge' : 'id' })

export const failure: Answer = no(500, 'An unknown error occurred', { type: 'api_error' })
export const tooMany: Answer = {
  ...no(429, 'Request rate limit exceeded', { code: 'rate_limit' }),
  headers: { 'retry-after': '1', 'stripe-should-retry': 'true' },
}
export const inUse: Answer = {
  ...no(409, 'There is currently another in-progress request using this Idempotent Key', {
    ...{ code: 'idempotency_key_in_use', type: 'idempotency_error' },
  }),
  headers: { 'stripe-should-retry': 'true' },
}
export const badKey: Answer = no(401, 'Invalid API Key provided: sk_test_****', { code: 'api_key_expired' })
