import {
  amount,
  cancelRequested,
  currency,
  id,
  initiator,
  note,
  placedOrder,
  quantity,
  reason,
  refundDestination,
  sagaOutcome,
  shipmentStatus,
  timestamp,
} from '@countermand/contracts'
import { z } from 'zod'
import { reportNames } from '../decide/report.ts'
import { heardTypes, sentTypes } from '../state.ts'
import { type Scope, scope } from '../store/keys.ts'
import { cancellation } from '../store/rows.ts'
import { deliveryState } from '../store/webhooks.ts'
import type { ProblemCode } from './problems.ts'

/**
 * Every address of the API, once: routes, checks, tests of access and `docs/openapi.yaml` are made of this table. Answers are parsed by it
 * too: what it does not declare never leaves.
 */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its parameters as OpenAPI has them. */
  readonly path: string
  readonly summary: string
  /** Whose keys may; `anybody`: no key is asked for. */
  readonly who: readonly Scope[] | 'anybody'
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Of the body, in bytes. */
  readonly mostBytes?: number
  /** `Idempotency-Key` has to be there: the same key again is the same request. */
  readonly keyed?: true
  /** `Prefer: wait=<seconds>` puts the answer off until the request is over, 30 s at most. */
  readonly waits?: true
  /** By status; `null`: no body. `stream`: server-sent events, each with the answer of `readCancellation`. */
  readonly answers: Readonly<Record<number, z.ZodType | null | 'stream'>>
  /** Beside those of every endpoint. */
  readonly problems: readonly ProblemCode[]
}

const endpoint = <Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  one: Endpoint<Params, Query, Body>,
): Endpoint<Params, Query, Body> => one

/** Problems that a call may meet wherever it goes. */
export const problemsOf = ({ who, body, problems, keyed }: Endpoint): readonly ProblemCode[] => [
  ...new Set<ProblemCode>([
    ...(['unreadable', 'invalid', 'too-many-calls', 'internal', 'away'] as const),
    ...(who === 'anybody' ? [] : (['not-signed-in', 'not-allowed'] as const)),
    ...(body !== nothing ? (['too-large', 'media-type'] as const) : []),
    ...(keyed ? (['key-missing', 'key-reused'] as const) : []),
    ...problems,
  ]),
]

const nothing = z.undefined()
const none = z.object({})
const ofOrder = z.object({ orderId: id })
const ofRequest = z.object({ requestId: id })
const { lines, refundTo } = cancelRequested.shape
const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true')
const paged = z.object({
  cursor: z.string().max(1_000).optional().describe('of the page before, from its `next`'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** A value in a query that is more than a word. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .max(16_384)
    .transform((text, context) => {
      try {
        return z.unknown().parse(JSON.parse(text))
      } catch {
        context.addIssue({ code: 'custom', message: 'expected JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)

const next = z.array(
  z.object({
    action: z.enum(['follow', 'withdraw', 'decide', 'read-order', 'ask', 'ask-again', 'contact']),
    label: z.string(),
    href: z.string().optional(),
  }),
)

/** A request as everybody is told of it. */
export const cancellationAnswer = cancellation.extend({
  version: z.int().describe('how much was told of it'),
  summary: z.string().describe('what it comes to, in words'),
  next: next.describe('what can be done now'),
})

const reportRow = z.object({
  name: z.string().describe('a reason, an outcome, a channel, a decision or a score'),
  code: z.string().optional().describe('why it was refused, or by whose word it was decided'),
  count: z.int(),
  share: z.number().describe('of all, 0 to 1'),
  amounts: z.array(z.object({ currency: z.string(), amount: z.int() })),
  p50: z.number().optional().describe('seconds within which half were; at most a tenth off'),
  p90: z.number().optional().describe('seconds within which nine of ten were'),
  late: z.int().optional().describe('that came later than was expected'),
})

/** An order as everybody is told of it. */
export const orderAnswer = z.object({
  orderId: z.string(),
  merchantId: z.string(),
  customerId: z.string().optional(),
  market: z.string(),
  currency,
  placedAt: timestamp,
  total: amount,
  status: z.enum(['placed', 'shipped', 'delivered', 'on-hold', 'partially-cancelled', 'cancelled']),
  lines: z.array(
    z.object({
      lineId: z.string(),
      sku: z.string().optional(),
      title: z.string().optional(),
      imageUrl: z.string().optional(),
      quantity,
      cancelled: z.int().describe('units of it'),
      unitAmount: amount,
      discountAmount: amount,
      taxAmount: amount,
    }),
  ),
  tenders: z.array(z.object({ tenderId: z.string(), channel: z.string(), amount })),
  parcels: z.array(
    z.object({
      shipmentId: z.string(),
      carrier: z.string(),
      trackingNumber: z.string(),
      status: shipmentStatus,
    }),
  ),
  cancellations: z.array(cancellation).describe('the newest first'),
})

const storyEntry = z.object({
  at: z.string().describe('when it happened, as it says itself'),
  type: z.enum(['order.accepted.v1', 'order.amended.v1', 'shipment.changed.v1', ...heardTypes, ...sentTypes]),
  requestId: z.string().optional(),
  data: z
    .record(z.string(), z.unknown())
    .describe('as the AsyncAPI document has this type, without references of payments'),
})

const sent = z.object({ requestId: z.string(), orderId: z.string(), href: z.string() })
const decision = z.object({ decision: z.enum(['approve', 'reject']), message: note.optional() })

const results = z.array(
  z.object({
    requestId: z.string(),
    status: z.int().describe('as of a call for it alone'),
    code: z.string().optional(),
    detail: z.string().optional(),
  }),
)

const webhookKeepers = ['merchant', 'operations'] as const satisfies readonly Scope[]
const ofWebhook = z.object({ endpointId: id })
const types = z.array(z.enum(heardTypes)).min(1).max(heardTypes.length)
const webhook = z.object({
  url: z.string().max(2_000).describe('https, at a public address'),
  description: z.string().max(200).default(''),
  types: types.optional().describe('absent: all'),
})
const webhookAnswer = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  types: z.array(z.string()).nullable().describe('null: all'),
  merchants: z.array(z.string()).nullable().describe('null: all'),
  createdAt: timestamp,
  failingSince: timestamp.optional().describe('since when nothing has arrived there'),
  disabled: z.object({ at: timestamp, because: z.string() }).optional().describe('it is told nothing, since then'),
  waiting: z.int().describe('deliveries that wait'),
})
const deliveryAnswer = z.object({
  id: z.string(),
  orderId: z.string().optional(),
  eventId: z.string().describe('the `webhook-id`: the same event has the same one, however often it comes'),
  type: z.string(),
  createdAt: timestamp,
  state: deliveryState,
  attempts: z.int(),
  dueAt: timestamp.optional().describe('when it is tried again'),
  triedAt: timestamp.optional(),
  status: z.int().optional().describe('what was answered last'),
  error: z.string().optional().describe('why nothing was'),
})

const everybody = scope.exclude(['checkout']).options

export const endpoints = {
  listOrders: endpoint({
    ...{ method: 'GET', path: '/v1/orders', summary: 'Orders, the newest first', who: everybody },
    ...{ params: none, body: nothing, problems: [] },
    query: paged.extend({ merchantId: id.optional(), customerId: id.optional() }),
    answers: { 200: z.object({ orders: z.array(orderAnswer), next: z.string().optional() }) },
  }),
  placeOrder: endpoint({
    ...{
      method: 'POST',
      path: '/v1/orders',
      summary: 'Tells of an order, and is believed like a writer of `orders.placed.v1`',
      who: ['checkout'],
    },
    ...{ params: none, query: none, body: placedOrder, mostBytes: 262_144, problems: ['order-exists'] },
    answers: { 202: z.object({ orderId: z.string(), href: z.string() }) },
  }),
  readOrder: endpoint({
    ...{ method: 'GET', path: '/v1/orders/{orderId}', summary: 'One order, and what became of it', who: everybody },
    ...{ params: ofOrder, query: none, body: nothing, problems: ['order-not-found'] },
    answers: { 200: orderAnswer, 304: null },
  }),
  readStory: endpoint({
    ...{ method: 'GET', path: '/v1/orders/{orderId}/story', who: everybody },
    summary: 'All that was told of an order and its requests, the oldest first',
    ...{ params: ofOrder, query: none, body: nothing, problems: ['order-not-found'] },
    answers: { 200: z.object({ orderId: z.string(), story: z.array(storyEntry) }), 304: null },
  }),
  previewCancellation: endpoint({
    ...{ method: 'GET', path: '/v1/orders/{orderId}/cancellation-preview', who: everybody },
    summary: 'What a cancellation would come to, if policy lets it',
    ...{ params: ofOrder, body: nothing, problems: ['order-not-found'] },
    query: z.object({
      lines: json(lines)
        .optional()
        .describe('JSON, as in the request: `[{"lineId":"1","quantity":1}]`; absent: all that is left'),
      refundTo,
      initiator: initiator.shape.kind.default('customer').describe('whose wish it is'),
    }),
    answers: {
      200: z.object({
        orderId: z.string(),
        possible: z.boolean().describe('as far as it is known here'),
        code: z.string().optional(),
        detail: z.string().optional(),
        currency,
        amount: amount.describe('minor units that would go back'),
        lines: z.array(z.object({ lineId: z.string(), quantity: z.int(), left: z.int(), amount: z.int() })),
        rest: z.int().describe('of the amount: shipping, its tax and rounding, with the last unit'),
        whole: z.boolean().describe('whether nothing of the order is left afterwards'),
        tenders: z
          .array(
            z.object({
              tenderId: z.string(),
              channel: z.string(),
              amount,
              destination: refundDestination,
              how: z
                .enum(['refund', 'void', 'nothing'])
                .describe('`void`: it was only held, and is released; `nothing`: nothing was taken of it'),
              expectedBy: timestamp.optional().describe('when it is usually there'),
            }),
          )
          .describe('what each payment would give back'),
        decision: z
          .discriminatedUnion('by', [
            z.object({ by: z.literal('nobody') }),
            z.object({
              by: z.literal('merchant'),
              decideBy: timestamp.describe('if it is asked for now, about'),
              onSilence: z.enum(['approve', 'reject']),
            }),
          ])
          .describe('who has to agree, by where the parcels are now; judged anew when it is asked for'),
        next,
      }),
    },
  }),
  requestCancellation: endpoint({
    ...{ method: 'POST', path: '/v1/orders/{orderId}/cancellations', who: ['merchant', 'support'] },
    summary: 'Asks for a cancellation of the order, or of some of its units',
    ...{ params: ofOrder, query: none, keyed: true, waits: true },
    body: z.object({
      reason,
      lines: lines.describe('absent: all that is left'),
      refundTo,
      initiator: z.enum(['customer', 'merchant', 'support']).default('customer').describe('whose wish it is'),
      contact: z
        .email()
        .max(254)
        .optional()
        .describe('the e-mail of the customer, to which receipts go where mails are sent; nobody else is told'),
    }),
    answers: { 200: cancellationAnswer, 202: sent },
    problems: ['order-not-found', 'already-cancelled', 'cancellation-in-progress', 'quantity-exceeded'],
  }),
  createWidgetToken: endpoint({
    ...{ method: 'POST', path: '/v1/orders/{orderId}/widget-tokens', who: ['merchant', 'support'] },
    summary:
      'A token for a page of the shop’s own, in which the customer of an order cancels and follows it; it counts for a quarter of an hour',
    ...{ params: ofOrder, query: none, body: nothing, problems: ['order-not-found'] },
    answers: { 201: z.object({ orderId: z.string(), token: z.string(), expiresAt: timestamp }) },
  }),
  listCancellations: endpoint({
    ...{ method: 'GET', path: '/v1/cancellations', summary: 'Requests, the newest first', who: everybody },
    ...{ params: none, body: nothing, problems: [] },
    query: paged.extend({
      merchantId: id.optional(),
      outcome: sagaOutcome.optional(),
      awaiting: yesOrNo.optional().describe('whether they wait for the merchant'),
      attention: yesOrNo.optional().describe('whether a person has to see to them'),
    }),
    answers: { 200: z.object({ cancellations: z.array(cancellation), next: z.string().optional() }) },
  }),
  readCancellation: endpoint({
    ...{
      method: 'GET',
      path: '/v1/cancellations/{requestId}',
      summary: 'What has become of a request',
      who: everybody,
    },
    ...{ params: ofRequest, query: none, body: nothing, waits: true, problems: ['request-not-found'] },
    answers: { 200: cancellationAnswer, 304: null },
  }),
  followCancellation: endpoint({
    ...{ method: 'GET', path: '/v1/cancellations/{requestId}/events', who: everybody },
    summary: 'The same, each version as it comes; `Last-Event-ID` goes on from there; 204: it is over',
    ...{ params: ofRequest, query: none, body: nothing, problems: ['request-not-found', 'too-many-streams'] },
    answers: { 200: 'stream', 204: null },
  }),
  withdrawCancellation: endpoint({
    ...{ method: 'POST', path: '/v1/cancellations/{requestId}/withdrawal', who: ['merchant', 'support'] },
    summary: 'Takes a request back',
    ...{ params: ofRequest, query: none, body: nothing, problems: ['request-not-found', 'too-late'] },
    answers: { 202: sent },
  }),
  decideCancellation: endpoint({
    ...{ method: 'POST', path: '/v1/cancellations/{requestId}/decision', who: ['merchant', 'support'] },
    summary: 'What the merchant decides',
    ...{ params: ofRequest, query: none, body: decision },
    ...{ answers: { 202: sent }, problems: ['request-not-found', 'too-late', 'already-decided'] },
  }),
  decideMany: endpoint({
    ...{ method: 'POST', path: '/v1/decisions', summary: 'The same for many, each with its own result' },
    ...{ who: ['merchant', 'support'], params: none, query: none, problems: [] },
    body: z.object({
      decisions: z
        .array(decision.extend({ requestId: id }))
        .min(1)
        .max(200),
    }),
    answers: { 200: z.object({ results }) },
  }),
  listWebhooks: endpoint({
    ...{ method: 'GET', path: '/v1/webhook-endpoints', summary: 'Who is told by HTTP', who: webhookKeepers },
    ...{ params: none, query: none, body: nothing, problems: [] },
    answers: { 200: z.object({ endpoints: z.array(webhookAnswer) }) },
  }),
  createWebhook: endpoint({
    ...{ method: 'POST', path: '/v1/webhook-endpoints', who: webhookKeepers },
    summary: 'Has an address told of what happens; its secret is told once',
    ...{ params: none, query: none, problems: [] },
    body: webhook.extend({
      merchants: z.array(id).min(1).max(100).optional().describe('of whose orders; absent: of all that the key is of'),
    }),
    answers: { 201: webhookAnswer.extend({ secret: z.string() }) },
  }),
  readWebhook: endpoint({
    ...{ method: 'GET', path: '/v1/webhook-endpoints/{endpointId}', who: webhookKeepers },
    summary: 'Whom it tells of what, and how it fares',
    ...{ params: ofWebhook, query: none, body: nothing, problems: ['webhook-not-found'] },
    answers: { 200: webhookAnswer },
  }),
  changeWebhook: endpoint({
    ...{ method: 'PATCH', path: '/v1/webhook-endpoints/{endpointId}', who: webhookKeepers },
    summary: 'Changes it, or switches it off or on; what waits for it is told when it is on again',
    ...{ params: ofWebhook, query: none, problems: ['webhook-not-found'] },
    body: z.object({
      url: webhook.shape.url.optional(),
      description: z.string().max(200).optional(),
      types: types.nullable().optional().describe('null: all'),
      enabled: z.boolean().optional(),
    }),
    answers: { 200: webhookAnswer },
  }),
  rotateWebhookSecret: endpoint({
    ...{ method: 'POST', path: '/v1/webhook-endpoints/{endpointId}/secret-rotation', who: webhookKeepers },
    summary: 'A new secret, which is told once; the former one signs too for a day',
    ...{ params: ofWebhook, query: none, body: nothing, problems: ['webhook-not-found'] },
    answers: { 200: z.object({ secret: z.string(), formerUntil: timestamp }) },
  }),
  testWebhook: endpoint({
    ...{ method: 'POST', path: '/v1/webhook-endpoints/{endpointId}/test', who: webhookKeepers },
    summary: 'Tells it `webhook.test`, which says nothing; what came of it is among its deliveries',
    ...{ params: ofWebhook, query: none, body: nothing, problems: ['webhook-not-found'] },
    answers: { 202: z.object({ deliveryId: z.string() }) },
  }),
  listDeliveries: endpoint({
    ...{ method: 'GET', path: '/v1/webhook-endpoints/{endpointId}/deliveries', who: webhookKeepers },
    summary: 'What it was told and will be, the newest first',
    ...{ params: ofWebhook, body: nothing, problems: ['webhook-not-found'] },
    query: paged.extend({ state: deliveryState.optional() }),
    answers: { 200: z.object({ deliveries: z.array(deliveryAnswer), next: z.string().optional() }) },
  }),
  redeliver: endpoint({
    ...{ method: 'POST', path: '/v1/webhook-endpoints/{endpointId}/deliveries/{deliveryId}/redelivery' },
    ...{ who: webhookKeepers, summary: 'Has it told again now, whatever became of it' },
    ...{ query: none, body: nothing, problems: ['webhook-not-found', 'delivery-not-found'] },
    params: ofWebhook.extend({ deliveryId: z.string().regex(/^\d{1,18}$/, 'expected the number of a delivery') }),
    answers: { 202: z.object({ deliveryId: z.string() }) },
  }),
  deleteWebhook: endpoint({
    ...{ method: 'DELETE', path: '/v1/webhook-endpoints/{endpointId}', who: webhookKeepers },
    summary: 'Ends it; what waits for it is told to nobody',
    ...{ params: ofWebhook, query: none, body: nothing, problems: ['webhook-not-found'] },
    answers: { 204: null },
  }),
  readReport: endpoint({
    ...{ method: 'GET', path: '/v1/reports/{report}', who: ['merchant', 'support', 'operations'] },
    summary: 'What became of requests, counted by the day on which they were asked for',
    ...{ params: z.object({ report: z.enum(reportNames) }), body: nothing, problems: [] },
    query: z.object({
      from: z.iso.date().optional().describe('the first day, in UTC; by default 30 days until the last'),
      to: z.iso.date().optional().describe('the last day, in UTC; by default today'),
      merchantId: id.optional(),
      market: z.string().max(128).optional(),
    }),
    answers: {
      200: z.object({
        ...{ report: z.enum(reportNames), from: z.string(), to: z.string(), count: z.int() },
        rows: z.array(reportRow),
        all: reportRow,
      }),
    },
  }),
  readOpenApi: endpoint({
    ...{ method: 'GET', path: '/v1/openapi.json', summary: 'This document', who: 'anybody' },
    ...{ params: none, query: none, body: nothing, problems: [], answers: { 200: z.looseObject({}) } },
  }),
} as const satisfies Readonly<Record<string, Endpoint>>
export type EndpointName = keyof typeof endpoints

/** Whether the endpoint reads a body. */
export const readsBody = ({ body }: Endpoint): boolean => body !== nothing
