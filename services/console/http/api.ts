import { createHash } from 'node:crypto'
import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import { z } from 'zod'
import { type Asked, ask, decide, place, type Turned, withdraw } from '../decide/ask.ts'
import { cancellationOf } from '../decide/cancellation.ts'
import { hrefOf, mayAsk, nextAfter, nextOf, orderHref } from '../decide/next.ts'
import { orderOf } from '../decide/order.ts'
import { type ApprovalOf, previewOf } from '../decide/preview.ts'
import { kindOf, reportOf } from '../decide/report.ts'
import { storyOf } from '../decide/story.ts'
import type { Cancellation, Case } from '../state.ts'
import { countedBy } from '../store/counts.ts'
import type { Caller } from '../store/keys.ts'
import { createBearer } from '../store/links.ts'
import { caseOf, listCancellations, listOrders, placeOfRequest } from '../store/queries.ts'
import { keepRecipient } from '../store/receipts.ts'
import { load } from '../store/store.ts'
import type { Allowed } from '../webhooks/public-address.ts'
import { languageOf, speech } from '../words/languages.ts'
import { summaryOf } from '../words/say.ts'
import { endpoints } from './endpoints.ts'
import { isContactOf } from './guests.ts'
import { paged, pageOf } from './paging.ts'
import { periodOf } from './period.ts'
import { Problem, problems } from './problems.ts'
import { type Reply, type Route, route } from './route.ts'
import { isOver, type Streams } from './streams.ts'
import { webhookRoutes } from './webhooks.ts'

export interface Api {
  readonly service: Pick<RunningService<Case>, 'decide'>
  readonly database: Database
  readonly streams: Streams
  readonly allowed: Allowed
  /** Who writes to customers, and how; absent: nobody does. */
  readonly receipts?:
    | { readonly url: string; readonly zone: string; readonly contactKey: string | undefined }
    | undefined
  readonly approvalOf: ApprovalOf
  /** Of the API itself. */
  readonly document: object
}

const english = speech('en', 'UTC')

/** A request as everybody is told of it: the same words for the same version, whenever it is read. */
export const answerOf = (now: Cancellation, version: number) => ({
  ...{ ...now, version, summary: summaryOf(now, english, { at: now.askedAt }), next: nextOf(now) },
})

const noOrder = (orderId: string) =>
  new Problem('order-not-found', `order ${orderId} was not heard of here, or is none of yours`, {
    next: nextAfter({ code: 'order-not-found' }, orderId),
  })

const caseFor = async (database: Database, orderId: string, { merchants }: Caller): Promise<Case> => {
  const known = await caseOf(database, orderId, merchants)
  if (known?.order === undefined) throw noOrder(orderId)
  return known
}

const placeOf = async (database: Database, requestId: string, { merchants }: Caller) => {
  const place = await placeOfRequest(database, requestId, merchants)
  if (place === undefined)
    throw new Problem('request-not-found', `request ${requestId} was not heard of here, or is none of yours`)
  return place
}

const etagOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)

/** A request as it is now, and whether more is to come. */
const stateOf = async (database: Database, orderId: string, requestId: string) => {
  const told = (await load(database, [orderId])).get(orderId)?.told.get(requestId) ?? []
  const now = cancellationOf(orderId, requestId, told)
  if (now === undefined) throw new Problem('request-not-found', `request ${requestId} was not heard of here`)
  const reply: Reply = { status: 200, body: answerOf(now, told.length), etag: `v${told.length}` }
  return { over: isOver(now), reply }
}

const turnedDown = (turned: Turned, orderId: string) =>
  new Problem(turned.code, turned.detail, { next: nextAfter(turned, orderId) })

const sent = (asked: Asked, orderId: string, requestId: string): Reply => {
  if (typeof asked === 'object') throw turnedDown(asked, orderId)
  const href = hrefOf(requestId)
  return { status: 202, body: { requestId, orderId, href }, headers: { location: href } }
}

/**
 * Of the credential, the order and the key of whoever asks, so that asking again, however late, is the same request: a UUID of version 8
 * (RFC 9562).
 */
export const requestIdOf = (keyId: string, orderId: string, idempotencyKey: string): string => {
  const hex = createHash('sha256')
    .update(JSON.stringify([keyId, orderId, idempotencyKey]))
    .digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** A shop says who its customer is, and is believed; a link goes to nobody but whom it knows the order's customer by. */
const keepContact = async (
  { database, receipts }: Api,
  { order }: Case,
  wanted: { readonly orderId: string; readonly requestId: string; readonly contact: string },
): Promise<void> => {
  if (receipts === undefined || order === undefined) return
  const { language, zone = receipts.zone } = order.placed
  const isOther = isContactOf(receipts.contactKey, order.placed, wanted.contact) === false
  await keepRecipient(database, {
    ...{ ...wanted, language: languageOf([language], undefined), zone },
    ...{ url: isOther ? undefined : receipts.url, tellsAsked: true },
  })
}

/** By whose word a decision counts: the merchant's of the order, for whom the holder of the key speaks. */
const decideOne = async (
  { service, database }: Api,
  caller: Caller,
  {
    requestId,
    decision,
    message,
  }: { readonly requestId: string; readonly decision: 'approve' | 'reject'; readonly message?: string | undefined },
  traceparent: string | null,
): Promise<Reply> => {
  const { orderId, merchantId } = await placeOf(database, requestId, caller)
  const by = merchantId ?? caller.name
  const data = { orderId, requestId, decision, by, ...(message !== undefined && { message }) }
  return sent(await service.decide(orderId, decide(data), traceparent), orderId, requestId)
}

const reading = ({ database, streams, document, approvalOf }: Api): Route[] => [
  route(endpoints.listOrders, async ({ query, caller }) => {
    const all = await listOrders(database, query, caller.merchants, pageOf(query))
    const { items, next } = paged(all, query.limit, ({ at, orderId }) => [at, orderId])
    return { status: 200, body: { orders: items.map(({ orderId, known }) => orderOf(orderId, known)), next } }
  }),
  route(endpoints.readOrder, async ({ params: { orderId }, caller }) => {
    const body = orderOf(orderId, await caseFor(database, orderId, caller))
    return { status: 200, body, etag: etagOf(body) }
  }),
  route(endpoints.readStory, async ({ params: { orderId }, caller }) => {
    const body = { orderId, story: storyOf(await caseFor(database, orderId, caller)) }
    return { status: 200, body, etag: etagOf(body) }
  }),
  route(endpoints.previewCancellation, async ({ params: { orderId }, query, caller }) => {
    const preview = previewOf(orderId, await caseFor(database, orderId, caller), {
      ...{
        lines: query.lines,
        refundTo: query.refundTo,
        initiator: query.initiator,
        approvalOf,
        at: new Date().toISOString(),
      },
    })
    if (preview === undefined) throw noOrder(orderId)
    const { turned, ...body } = preview
    return { status: 200, body: { ...body, next: turned === undefined ? mayAsk(orderId) : nextAfter(turned, orderId) } }
  }),
  route(endpoints.listCancellations, async ({ query, caller }) => {
    const all = await listCancellations(database, query, caller.merchants, pageOf(query))
    const { items, next } = paged(all, query.limit, ({ at, content }) => [at, content.requestId])
    return { status: 200, body: { cancellations: items.map(({ content }) => content), next } }
  }),
  route(endpoints.readCancellation, async ({ params: { requestId }, caller, waitMs, way }) => {
    const { orderId } = await placeOf(database, requestId, caller)
    if (waitMs > 0) await streams.untilOver({ orderId, requestId, keyId: caller.keyId }, waitMs, way)
    return (await stateOf(database, orderId, requestId)).reply
  }),
  route(endpoints.followCancellation, async ({ params: { requestId }, caller, headers }) => {
    const { orderId } = await placeOf(database, requestId, caller)
    const seen = z.coerce
      .number()
      .int()
      .nonnegative()
      .catch(0)
      .parse(headers['last-event-id'] ?? 0)
    return await streams.open({ orderId, requestId, seen, keyId: caller.keyId })
  }),
  route(endpoints.readReport, async ({ params: { report }, query, caller }) => {
    const period = periodOf(query.from, query.to, new Date())
    const filter = { ...period, merchant: query.merchantId, market: query.market }
    const counts = await countedBy(database, kindOf[report], filter, caller.merchants)
    return { status: 200, body: { ...period, ...reportOf(report, counts) } }
  }),
  route(endpoints.readOpenApi, async () => ({ status: 200, body: document })),
]

const writing = (api: Api): Route[] => [
  route(endpoints.placeOrder, async ({ body, caller, traceparent }) => {
    const { orderId, merchantId } = body
    if (caller.merchants !== null && !caller.merchants.includes(merchantId))
      throw new Problem('not-allowed', `this key is not of merchant ${merchantId}`)
    const asked = await api.service.decide(orderId, place(body), traceparent)
    if (typeof asked === 'object') throw turnedDown(asked, orderId)
    return { status: 202, body: { orderId, href: orderHref(orderId) }, headers: { location: orderHref(orderId) } }
  }),
  route(endpoints.createWidgetToken, async ({ params: { orderId }, caller }) => {
    await caseFor(api.database, orderId, caller)
    return { status: 201, body: { orderId, ...(await createBearer(api.database, { orderId })) } }
  }),
  route(endpoints.requestCancellation, async ({ params: { orderId }, body, caller, ...call }) => {
    const known = await caseFor(api.database, orderId, caller)
    const requestId = requestIdOf(caller.keyId, orderId, call.idempotencyKey)
    const { contact, ...wish } = body
    if (contact !== undefined) await keepContact(api, known, { orderId, requestId, contact })
    const asked = await api.service.decide(orderId, ask({ requestId, orderId, ...wish }), call.traceparent)
    const reply = sent(asked, orderId, requestId)
    if (call.waitMs === 0) return reply
    await api.streams.untilOver({ orderId, requestId, keyId: caller.keyId }, call.waitMs, call.way)
    const state = await stateOf(api.database, orderId, requestId)
    return state.over ? state.reply : reply
  }),
  route(endpoints.withdrawCancellation, async ({ params: { requestId }, caller, traceparent }) => {
    const { orderId } = await placeOf(api.database, requestId, caller)
    const asked = await api.service.decide(orderId, withdraw({ orderId, requestId, by: caller.name }), traceparent)
    return sent(asked, orderId, requestId)
  }),
  route(endpoints.decideCancellation, ({ params, body, caller, traceparent }) =>
    decideOne(api, caller, { ...params, ...body }, traceparent),
  ),
  route(endpoints.decideMany, async ({ body, caller, traceparent }) => {
    const one = async (each: (typeof body.decisions)[number]) => {
      try {
        return { requestId: each.requestId, status: (await decideOne(api, caller, each, traceparent)).status }
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        const { code, message: detail } = error
        return { requestId: each.requestId, status: problems[code].status, code, detail }
      }
    }
    return { status: 200, body: { results: await Promise.all(body.decisions.map(one)) } }
  }),
]

/** What every endpoint does. */
export const routesOf = (api: Api): Route[] => [...reading(api), ...writing(api), ...webhookRoutes(api)]
