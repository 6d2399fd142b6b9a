import type { Database } from '@countermand/database'
import { z } from 'zod'
import type { Caller } from '../store/keys.ts'
import {
  changeEndpoint,
  createEndpoint,
  type Delivery,
  deleteEndpoint,
  endpointOf,
  listDeliveries,
  listEndpoints,
  queueTest,
  redeliver,
  rotateSecret,
  type WebhookEndpoint,
} from '../store/webhooks.ts'
import { type Allowed, wrongWith } from '../webhooks/public-address.ts'
import { endpoints } from './endpoints.ts'
import { paged } from './paging.ts'
import { Problem } from './problems.ts'
import { type Route, route } from './route.ts'

const pathOf = (id: string): string => `/v1/webhook-endpoints/${encodeURIComponent(id)}`

const deliveryAnswerOf = ({ orderId, dueAt, triedAt, status, error, ...rest }: Delivery) => ({
  ...rest,
  ...(orderId !== null && { orderId }),
  ...(rest.state === 'waiting' && { dueAt }),
  ...(triedAt !== null && { triedAt }),
  ...(status !== null && { status }),
  ...(error !== null && { error }),
})

/** A key of some merchants makes endpoints of these alone. */
const merchantsOf = (wanted: readonly string[] | undefined, { merchants }: Caller): readonly string[] | null => {
  if (wanted === undefined) {
    if (merchants?.length === 0) throw new Problem('not-allowed', 'this key is of no merchant')
    return merchants
  }
  const foreign = merchants === null ? undefined : wanted.find((each) => !merchants.includes(each))
  if (foreign !== undefined) throw new Problem('not-allowed', `this key is not of merchant ${foreign}`)
  return wanted
}

const place = z.tuple([z.string(), z.string().regex(/^\d{1,18}$/)])
const behind = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))[1]
  } catch {
    throw new Problem('invalid', 'expected the cursor of a page', {
      errors: [{ pointer: '/cursor', detail: 'expected the `next` of the page before' }],
    })
  }
}

/** Of webhooks: what whoever keeps them does. */
export const webhookRoutes = ({
  database,
  allowed,
}: {
  readonly database: Database
  readonly allowed: Allowed
}): Route[] => {
  const known = async (id: string, { merchants }: Caller): Promise<WebhookEndpoint> => {
    const found = await endpointOf(database, id, merchants)
    if (found === undefined) throw new Problem('webhook-not-found', `webhook ${id} is not known, or is none of yours`)
    return found
  }
  const checkUrl = (url: string | undefined) => {
    const detail = url === undefined ? undefined : wrongWith(url, allowed)
    if (detail !== undefined) throw new Problem('invalid', detail, { errors: [{ pointer: '/url', detail }] })
  }
  return [
    route(endpoints.listWebhooks, async ({ caller }) => ({
      ...{ status: 200, body: { endpoints: await listEndpoints(database, caller.merchants) } },
    })),
    route(endpoints.createWebhook, async ({ body, caller }) => {
      const { url, description, types = null } = body
      const merchants = merchantsOf(body.merchants, caller)
      checkUrl(url)
      const { id, secret } = await createEndpoint(database, { url, description, types, merchants })
      return { status: 201, body: { ...(await known(id, caller)), secret }, headers: { location: pathOf(id) } }
    }),
    route(endpoints.readWebhook, async ({ params: { endpointId }, caller }) => ({
      ...{ status: 200, body: await known(endpointId, caller) },
    })),
    route(endpoints.changeWebhook, async ({ params: { endpointId }, body, caller }) => {
      await known(endpointId, caller)
      checkUrl(body.url)
      await changeEndpoint(database, endpointId, body)
      return { status: 200, body: await known(endpointId, caller) }
    }),
    route(endpoints.rotateWebhookSecret, async ({ params: { endpointId }, caller }) => {
      await known(endpointId, caller)
      return { status: 200, body: await rotateSecret(database, endpointId) }
    }),
    route(endpoints.testWebhook, async ({ params: { endpointId }, caller }) => {
      await known(endpointId, caller)
      return { status: 202, body: { deliveryId: await queueTest(database, endpointId) } }
    }),
    route(endpoints.listDeliveries, async ({ params: { endpointId }, query, caller }) => {
      await known(endpointId, caller)
      const { state, cursor, limit } = query
      const all = await listDeliveries(database, endpointId, { state, after: behind(cursor), limit: limit + 1 })
      const { items, next } = paged(all, limit, ({ id, createdAt }) => [createdAt, id])
      return { status: 200, body: { deliveries: items.map(deliveryAnswerOf), next } }
    }),
    route(endpoints.redeliver, async ({ params: { endpointId, deliveryId }, caller }) => {
      await known(endpointId, caller)
      if (!(await redeliver(database, endpointId, deliveryId)))
        throw new Problem('delivery-not-found', `delivery ${deliveryId} is not known, or was forgotten`)
      return { status: 202, body: { deliveryId } }
    }),
    route(endpoints.deleteWebhook, async ({ params: { endpointId }, caller }) => {
      await known(endpointId, caller)
      await deleteEndpoint(database, endpointId)
      return { status: 204 }
    }),
  ]
}
