import type { CommandName } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { statusQuery } from '@countermand/workflows/src/protocol/inputs.ts'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openStage, type Play, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

const comesTo = (play: Play, command: CommandName) => eventuallyHolds(() => expect(play.post.holds(command)).toBe(true))

describe('an order that was taken before there were limits, of many lines and with ids that are not taken today', () => {
  test.each(['slow', 'adaptive'] as const)('is cancelled, and goes on when its run is lost: %s lane', async (lane) => {
    const play = stage.open({ takenBefore: true }, [{ command: 'RefundOrder', kind: 'question-held' }], lane)
    await play.start()
    await comesTo(play, 'RefundOrder')
    const again = await play.lose()
    await play.post.release()
    expect((await again.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toMatchObject({ order: 'cancelled', refunded: 3351, atTheBank: 3351 })
    expect(play.post.shop.letters).toEqual([])
  })

  test('is taken back when its refund is refused', async () => {
    const play = stage.open({ takenBefore: true, bank: 'refuses' }, [])
    expect((await (await play.start()).result()).outcome).toBe('compensated')
    expect(play.post.shop.letters).toEqual([])
  })

  test('parks, is withdrawn and tells what was decided', async () => {
    const play = stage.open({ takenBefore: true }, [{ command: 'SetStockAside', kind: 'fails' }])
    const saga = await play.start()
    await eventuallyHolds(async () => expect((await saga.query(statusQuery)).attention?.reason).toBe('step-failed'))
    await eventuallyHolds(() => expect(play.post.shop.story).toContain('needs-attention'))
    expect(await play.withdraw(saga)).toEqual({ accepted: true })
    expect((await saga.result()).outcome).toBe('withdrawn')
    expect(play.post.shop.letters).toEqual([])
  })
})
