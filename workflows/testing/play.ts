import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { expect } from 'vitest'
import {
  type ResolveInput,
  resolveUpdate,
  type SagaInput,
  type SagaStatus,
  statusQuery,
} from '../src/protocol/inputs.ts'
import type { Laboratory, LateInterceptHandle, ReversalHandle, SagaHandle } from './laboratory.ts'
import { begun, createWorld, type Services, type World } from './world.ts'

export const hour = 3_600_000
export const day = 24 * hour

/** A run that people can look at and decide about. */
export type AnyHandle = SagaHandle | ReversalHandle | LateInterceptHandle

type Script = (saga: SagaHandle, world: World) => Promise<unknown>

/** Plays one saga to its end. */
export const playIn =
  (laboratory: () => Laboratory) =>
  async (services: Partial<Services>, script: Script = async () => {}, input?: SagaInput) => {
    const world = createWorld(services, laboratory().whileOpen)
    const result = await laboratory().run(
      world,
      async (saga) => {
        await script(saga, world)
        return saga.result()
      },
      input,
    )
    return { world, result }
  }

export const waitsFor = (saga: AnyHandle, what: string) =>
  eventuallyHolds(async () => expect((await saga.query(statusQuery)).waitingFor ?? '').toContain(what))

export const asks = (world: World, command: string) => eventuallyHolds(() => expect(world.asked).toContain(command))

/** Waits until the saga needs attention for this reason, and is seen to. */
export const parks = (saga: AnyHandle, reason: string, world: World): Promise<SagaStatus['attention']> =>
  eventuallyHolds(async () => {
    const { attention } = await saga.query(statusQuery)
    expect(attention?.reason).toBe(reason)
    expect(world.records.filter(({ record }) => record.what === 'needs-attention')).not.toEqual([])
    return attention
  })

const resolution = (decision: ResolveInput['decision'], to?: 'store-credit'): { args: [ResolveInput] } => ({
  args: [{ decision, by: 'ops-1', reason: 'looked into it', ...(to === undefined ? {} : { to }) }],
})

export const resolve = (saga: AnyHandle, decision: ResolveInput['decision'], to?: 'store-credit') =>
  saga.executeUpdate(resolveUpdate, resolution(decision, to))

export const backFrom = (world: World) => world.asked.slice(world.asked.indexOf('ForbidRefund'))

export const recorded = (world: World) => world.records.map(({ record }) => record.what)

/** Answers when the server's clock has moved on by this, and not before. */
export const afterIn = (laboratory: () => Laboratory) => (milliseconds: number) => {
  let from: number | undefined
  return async <Given>(answer: Given): Promise<Given | 'later'> => {
    const now = await laboratory().now()
    from ??= now
    return now - from >= milliseconds ? answer : 'later'
  }
}

/** An order whose cancellation the merchant has to approve within a day, or sooner. */
export const needsApproval = (
  laboratory: () => Laboratory,
  onSilence: 'approve' | 'reject',
  within = day,
): Partial<Services> => ({
  BeginCancellation: async () => {
    const decideBy = new Date((await laboratory().now()) + within).toISOString()
    return { ...begun, approval: { needed: true, decideBy, onSilence } }
  },
})
