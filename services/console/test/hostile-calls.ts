import { hostileTexts } from '@countermand/testing/hostile-text.ts'
import fc from 'fast-check'
import { type Endpoint, endpoints, readsBody } from '../http/endpoints.ts'
import { orderId, requestId } from './given.ts'

/** Calls of the API as nobody in their right mind sends them. */
export interface HostileCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const text = fc.oneof(fc.constantFrom(...Object.values(hostileTexts), orderId, requestId, '', '0', '-1'), fc.string())
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, 0, -1, Number.MAX_VALUE, 2 ** 53, [], {}, true),
)

/** What a body or query of ours may have in it, so that something is wrong inside and not only around it. */
const names = [
  ...[
    'reason',
    'code',
    'note',
    'lines',
    'lineId',
    'quantity',
    'refundTo',
    'initiator',
    'decision',
    'message',
    'decisions',
  ],
  ...['requestId', 'orderId', 'merchantId', 'customerId', 'currency', 'tenders', 'shipments', 'placedAt', '__proto__'],
  ...['url', 'types', 'merchants', 'enabled', 'description'],
]
const nearly = fc.oneof(
  fc.constantFrom<unknown>({ reason: { code: 'changed-mind' } }, { decision: 'approve' }, { decisions: [] }),
  fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }),
)
const body = fc.oneof(
  nearly.map((json) => JSON.stringify(json) ?? ''),
  value.map((json) => JSON.stringify(json) ?? ''),
  fc.constantFrom(
    '',
    '{',
    '[1,',
    '\ufeff{}',
    '{"a":1}{"b":2}',
    '"\\ud800"',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ),
)
const query = fc.dictionary(
  fc.constantFrom('limit', 'cursor', 'lines', 'merchantId', 'customerId', 'outcome', 'awaiting', 'attention', 'x'),
  text,
  { maxKeys: 3 },
)
const type = fc.constantFrom('application/json', 'application/json;charset=utf-8', 'text/plain', 'a', '')

/** What may be in a header at all; whatever else is there never gets here. */
const header = text.map((each) => each.replaceAll(/[^\x20-\x7e]/g, '?').trim())
const headers = fc
  .record(
    {
      'idempotency-key': header,
      prefer: header,
      'if-none-match': header,
      'last-event-id': header,
      traceparent: header,
    },
    { requiredKeys: [] },
  )
  .chain((some) => type.map((each) => ({ ...some, ...(each !== '' && { 'content-type': each }) })))

const all = Object.values<Endpoint>(endpoints).filter(({ answers }) => answers[200] !== 'stream')

export const hostileCall: fc.Arbitrary<HostileCall> = fc.constantFrom(...all).chain((endpoint) =>
  fc.record({ one: text, query, headers, body }).map(({ one, query: asked, headers: sent, body: written }) => ({
    method: endpoint.method,
    path: `${endpoint.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(one.toWellFormed()) || '%00')}?${new URLSearchParams(asked)}`,
    headers: sent,
    body: readsBody(endpoint) ? written : undefined,
  })),
)
