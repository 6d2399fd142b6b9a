import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openStage, type Play, type SagaHandle, type Stage } from './stage.ts'

/**
 * A command that was put aside and is sent again: its answer comes when nobody waits for it any more. The last one of a road ends the request,
 * and so its alarm, before the run hears of it.
 */

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

/** Whoever sends it again has found the run in the list, and has heard its alarm: that is told after the run can be found. */
const standsStill = ({ post }: Play, saga: SagaHandle) =>
  eventuallyHolds(async () => {
    expect((await saga.describe()).searchAttributes).toMatchObject({ NeedsAttention: [true] })
    expect(post.shop.story).toContain('needs-attention')
  })

const forward = [
  ...(['BeginCancellation', 'StopShipment', 'SetStockAside'] as const),
  ...(['RefundOrder', 'ReturnStockToSale', 'ConfirmCancellation'] as const),
]
const lanes = ['adaptive', 'slow'] as const

describe.concurrent('a run that stands still because a command could not be read', () => {
  test.each(forward.flatMap((command) => lanes.map((lane) => ({ command, lane }))))(
    'goes on by itself when $command is sent again ($lane)',
    async ({ command, lane }) => {
      const play = stage.open({}, [{ command, kind: 'unreadable' }], lane)
      const saga = await play.start()
      await standsStill(play, saga)
      await play.post.redrive()
      expect(await saga.result()).toMatchObject({ outcome: 'cancelled' })
      const alarm = command === 'ConfirmCancellation' ? ['needs-attention'] : ['needs-attention', 'resumed']
      expect(play.post.shop.story.filter((event) => event !== 'started')).toEqual([...alarm, 'completed cancelled'])
      // It was asked once more, and had done it already.
      expect(play.post.asked).toContain(`${command} 2`)
    },
  )

  test.each(['ReserveAgain', 'ResumeShipment', 'AbandonCancellation'] as const)(
    'goes on with its way back when %s is sent again',
    async (command) => {
      const play = stage.open({ bank: 'refuses' }, [{ command, kind: 'unreadable' }])
      const saga = await play.start()
      await standsStill(play, saga)
      await play.post.redrive()
      expect(await saga.result()).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
      const alarm = command === 'AbandonCancellation' ? ['needs-attention'] : ['needs-attention', 'resumed']
      expect(play.post.shop.story.slice(1)).toEqual([...alarm, 'compensated refund-refused'])
    },
  )
})
