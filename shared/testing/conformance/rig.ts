import type { PlacedOrder } from '@countermand/contracts'
import { commandTopic, deadLetterTopic, topics } from '@countermand/contracts'
import { expect } from 'vitest'
import { createBus } from '../bus.ts'
import { eventually } from '../eventually.ts'
import { type Conversation, startConversation } from './conversation.ts'
import type { Instance, Participant } from './participant.ts'
import type { Ids, Step } from './role.ts'
import { agreeable } from './sample-orders.ts'

/** A participant that runs, and the suite's side of the talk. */
export interface Rig {
  readonly talk: Conversation
  readonly participant: Participant
  /** The process that runs now; a rule that replaces it says so here. */
  instance: Instance
  launch(): Promise<Instance>
  /** New orders that the participant has heard of. */
  orders(count: number, make?: (orderId: string) => PlacedOrder): Promise<Ids[]>
  order(make?: (orderId: string) => PlacedOrder): Promise<Ids>
  /** An order of which the step was done once, in peace. */
  orderAfter(step: Step): Promise<Ids>
  /** Expects these orders to look like the first, in the end. Without a look into the database it expects nothing. */
  expectAlike(orderIds: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Rules are declared before the rig is there. */
export type GetRig = () => Rig

export const openRig = async (participant: Participant): Promise<Rig> => {
  const { role, brokers, prefix, digest } = participant
  const bus = await createBus({
    brokers,
    topics: [topics.sagaReplies, topics.sagaFastReplies, deadLetterTopic(commandTopic(role.service))],
    ...(prefix === undefined ? {} : { prefix }),
  })
  const talk = startConversation(bus, role)
  const launch = () => participant.launch(bus.kafka.prefix)
  const orders: Rig['orders'] = async (count, make = agreeable) => {
    const all = Array.from({ length: count }, talk.newIds)
    await bus.send(all.map(({ orderId }) => role.arrival(bus, make(orderId))))
    if (digest !== undefined)
      for (const { orderId } of all)
        await eventually(`order ${orderId} to be known`, async () => (await digest(orderId)) !== '')
    return all
  }
  const order: Rig['order'] = async (make) => {
    const [ids] = await orders(1, make)
    if (ids === undefined) throw new Error('expected an order')
    return ids
  }
  const alike = async (orderIds: readonly string[]) =>
    digest === undefined ? [] : await Promise.all(orderIds.map(digest))
  const rig: Rig = {
    talk,
    participant,
    instance: await launch(),
    launch,
    orders,
    order,
    orderAfter: async (step) => {
      const ids = await order()
      await talk.prepare(step, ids)
      expect((await talk.ask(step, ids)).type).toBe(step.yes)
      return ids
    },
    expectAlike: async (orderIds) => {
      const isAlike = async () => new Set(await alike(orderIds)).size <= 1
      // What differs is told by the comparison below.
      await eventually('alike orders', isAlike, 10_000).catch(() => {})
      const [first, ...others] = await alike(orderIds)
      for (const other of new Set(others)) expect(other).toEqual(first)
    },
    stop: async () => {
      await rig.instance.stop()
      await bus.stop()
      await participant.close()
    },
  }
  return rig
}
