import { randomUUID } from 'node:crypto'
import {
  type CancelRequested,
  type EventData,
  type PlacedOrder,
  type Remedy,
  type ShipmentStatus,
  sagaId,
} from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import type { Heard } from '@countermand/tools/shop/outside.ts'
import { type EndEvent, isEnd } from '@countermand/tools/shop/play.ts'
import { orderFrom, parcelId, type Wish } from '@countermand/tools/shop/wish.ts'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import type { Story } from '@countermand/workflows/operations/story/story.ts'
import type { World } from './world.ts'

type HeardAs<Type extends Heard['type']> = Extract<Heard, { readonly type: Type }>
const isOf =
  <Type extends Heard['type']>(type: Type) =>
  (heard: Heard): heard is HeardAs<Type> =>
    heard.type === type
const dataOf = <Event extends Heard>(event: Event): Event['data'] => event.data

/** A request to cancel, from outside: what is published about it, and what is heard of it. */
export interface Request {
  readonly orderId: string
  readonly requestId: string
  readonly workflowId: string
  /** Publishes the request itself; once is enough, unless `ask` says `later`. */
  publish(headers?: Readonly<Record<string, string>>): Promise<void>
  decide(decision: 'approve' | 'reject', by?: string): Promise<void>
  withdraw(by?: string): Promise<void>
  /** Calls a Temporal update. */
  update(name: 'decide' | 'withdraw' | 'resolve', input: object): Promise<unknown>
  resolve(decision: Remedy, to?: 'store-credit' | 'bank-transfer'): Promise<unknown>
  /** Everything the public has heard of it so far. */
  heard(): readonly Heard[]
  /** The nth event of a type, from 1. */
  hears<Type extends Heard['type']>(type: Type, nth?: number): Promise<HeardAs<Type>['data']>
  /** Its one public end. */
  ends(withinMs?: number): Promise<EndEvent['data']>
  story(): Promise<Story>
}

export interface Shop {
  place(wish: Wish): Promise<PlacedOrder>
  /** `later`: nothing is published yet. */
  ask(
    order: { readonly orderId: string; readonly merchantId?: string },
    asked?: Partial<CancelRequested>,
    later?: 'later',
  ): Promise<Request>
  track(order: { readonly orderId: string }, place: number, status: ShipmentStatus, number: string): Promise<void>
  requests: readonly Request[]
}

/** The world around the system, order by order. */
export const openShop = (world: World): Shop => {
  const heardOf = new Map<string, Heard[]>()
  world.outside.listen((event) => {
    const key = 'requestId' in event.data ? event.data.requestId : event.data.orderId
    heardOf.set(key, [...(heardOf.get(key) ?? []), event])
  })
  const requests: Request[] = []

  const requestFrom = (request: CancelRequested, merchantId: string): Request => {
    const { orderId, requestId } = request
    const workflowId = sagaId(orderId, requestId)
    const publish = world.outside.publish
    const heard = () => heardOf.get(requestId) ?? []
    const update: Request['update'] = (name, input) =>
      world.temporal.client.workflow.getHandle(workflowId).executeUpdate(name, { args: [input] })
    return {
      orderId,
      requestId,
      workflowId,
      publish: (headers = {}) => {
        const message = upstreamMessage('order.cancel.requested.v1', orderId, request)
        return world.outside.publishRaw({ ...message, headers: { ...message.headers, ...headers } })
      },
      decide: (decision, by = merchantId) =>
        publish('order.cancel.decided.v1', orderId, { requestId, orderId, decision, by }),
      withdraw: (by = 'cus-7') => publish('order.cancel.withdrawn.v1', orderId, { requestId, orderId, by }),
      update,
      resolve: (decision, to) =>
        update('resolve', {
          decision,
          by: 'op-1',
          reason: 'as the test wants it',
          ...(to === undefined ? {} : { to }),
        }),
      heard,
      hears: async <Type extends Heard['type']>(type: Type, nth = 1) =>
        dataOf(
          await eventually<HeardAs<Type>>(
            `${type} of ${workflowId}`,
            () => heard().filter(isOf(type))[nth - 1],
            40_000,
          ),
        ),
      ends: (withinMs = 80_000) =>
        eventually(`the end of ${workflowId}`, () => heard().find(isEnd)?.data, withinMs).catch(
          async (cause: unknown) => {
            const { next, timeline } = await world.story(requestId)
            const steps = timeline.map(({ at, service, name }) => `${at} ${service} ${name}`).join('\n')
            throw new Error(`expected the end of ${workflowId} within ${withinMs} ms: ${next}\n${steps}`, { cause })
          },
        ),
      story: () => world.story(requestId),
    }
  }

  return {
    requests,
    place: async (wish) => {
      const order = orderFrom(wish)
      await world.outside.publish('order.placed.v1', order.orderId, order)
      return order
    },
    ask: async ({ orderId, merchantId = 'mer-3' }, asked = {}, later) => {
      const wanted: CancelRequested = {
        requestId: randomUUID(),
        orderId,
        requestedAt: new Date().toISOString(),
        initiator: { kind: 'customer', id: 'cus-7' },
        reason: { code: 'changed-mind' },
        refundTo: 'original',
        ...asked,
      }
      const request = requestFrom(wanted, merchantId)
      requests.push(request)
      if (later === undefined) await request.publish()
      return request
    },
    track: ({ orderId }, place, status, trackingNumber) => {
      const at = new Date().toISOString()
      const data: EventData<'shipment.updated.v1'> = {
        ...{ shipmentId: parcelId(orderId, place), orderId, carrier: 'sandbox', trackingNumber, status, at },
      }
      return world.outside.publish('shipment.updated.v1', orderId, data)
    },
  }
}

/** The ends that each request was told, as a consumer sees them that drops duplicates by event id. */
export const endsOf = (request: Request): readonly EndEvent[] => request.heard().filter(isEnd)
