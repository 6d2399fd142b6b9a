import { randomUUID } from 'node:crypto'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { type StepLane, statusQuery } from '@countermand/workflows/src/protocol/inputs.ts'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { asBefore, complete } from './cells.ts'
import type { ShopOptions } from './shop.ts'
import { openStage, type Stage } from './stage.ts'

/** Somebody starts a second run for a request by hand, under an id of its own. Services know a command by what it says, not by who sends it. */

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

describe('two runs for one request, one of them started by hand under an id of its own,', () => {
  const both = async (options: Omit<ShopOptions, 'orderId'>, lane: StepLane) => {
    const play = stage.open(options, [], lane)
    const [first, second] = await Promise.all([play.start(), play.start(`by-hand-${randomUUID()}`)])
    return { play, first, second }
  }

  test.each(['slow', 'adaptive'] as const)('come to one end, told once, and refund once: %s lane', async (lane) => {
    const { play, first, second } = await both({}, lane)
    for (const saga of [first, second]) expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toEqual(complete)
    expect(play.post.shop.story).toEqual(['started', 'completed cancelled'])
  })

  test('refund once, though people decide otherwise about each', async () => {
    const { play, first, second } = await both({ bank: 'down' }, 'slow')
    for (const saga of [first, second])
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).attention?.reason).toBe('step-failed'))
    await Promise.all([play.resolve(first, 'refund-elsewhere', 'store-credit'), play.resolve(second, 'retry')])
    for (const saga of [first, second]) expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toMatchObject({ refunded: 3351, atTheBank: 3351 })
    expect(play.post.shop.story.filter((event) => event.startsWith('completed'))).toEqual(['completed cancelled'])
  })

  test('are taken back once, when one of them is withdrawn', async () => {
    const { play, first, second } = await both({ merchantApproval: 'always', deadlineMs: 600_000 }, 'adaptive')
    expect(await play.withdraw(first)).toEqual({ accepted: true })
    expect((await first.result()).outcome).toBe('withdrawn')
    // The other hears of it with its next step.
    await play.approve(second).catch(() => undefined)
    expect((await second.result()).outcome).toBe('withdrawn')
    expect(play.post.shop.facts()).toEqual(asBefore)
    expect(play.post.shop.story.filter((event) => event === 'withdrawn')).toHaveLength(1)
  })
})
