import type { CommandName } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import type { StepLane } from '@countermand/workflows/src/protocol/inputs.ts'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { asBefore, complete, roadBack } from './cells.ts'
import type { Mishap } from './post.ts'
import type { ShopOptions } from './shop.ts'
import { openStage, type Play, type SagaHandle, type Stage } from './stage.ts'

/** The wish to turn back at each moment. What the customer's withdrawal does during each step is in the failure table. */

vi.setConfig({ maxConcurrency: 16 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

interface Moment {
  readonly when: string
  readonly options?: Omit<ShopOptions, 'orderId'>
  readonly mishap?: Mishap
}

const asked: ShopOptions['merchantApproval'] = 'always'
const merchant = { merchantApproval: asked, deadlineMs: 600_000 }
const during = (command: CommandName, options?: Moment['options']): Moment[] => [
  { when: `before ${command} is done`, mishap: { command, kind: 'question-held' }, ...(options && { options }) },
  { when: `after ${command} was done`, mishap: { command, kind: 'answer-held' }, ...(options && { options }) },
]
const atTheGate: Moment = { when: 'while the merchant thinks', options: merchant }
const parked: Moment = { when: 'while a step is parked', mishap: { command: 'StopShipment', kind: 'fails' } }

const beforeThePivot: Moment[] = [
  ...during('BeginCancellation'),
  ...during('PauseFulfilment', merchant),
  atTheGate,
  ...during('StopShipment'),
  ...during('SetStockAside'),
  parked,
  ...during('RefundOrder').slice(0, 1),
]
const afterThePivot: Moment[] = [
  ...during('RefundOrder').slice(1),
  ...during('ReturnStockToSale'),
  ...during('ConfirmCancellation').slice(0, 1),
]

/** Plays until the moment has come. */
const playTo = async ({ options = {}, mishap }: Moment, lane?: StepLane): Promise<{ play: Play; saga: SagaHandle }> => {
  const play = stage.open(options, mishap === undefined ? [] : [mishap], lane)
  const { post } = play
  const saga = await play.start()
  await eventuallyHolds(() => {
    if (mishap === undefined) expect(post.shop.story).toContain('awaiting-merchant')
    else if (mishap.kind === 'fails') expect(post.shop.story).toContain('needs-attention')
    else expect(post.holds(mishap.command)).toBe(true)
    // The two steps side by side: both are under way.
    if (post.asked.includes('StopShipment') || post.asked.includes('SetStockAside'))
      expect(post.asked).toEqual(expect.arrayContaining(['StopShipment', 'SetStockAside']))
  })
  return { play, saga }
}

const ends = (story: readonly string[]) =>
  story.filter((event) => /^(completed|refused|withdrawn|compensated)/.test(event))
const backOf = ({ post }: Play) => post.asked.slice(post.asked.indexOf('ForbidRefund'))

describe.concurrent("Temporal's Cancel", () => {
  test.each(beforeThePivot)('$when takes everything back', async (moment) => {
    const { play, saga } = await playTo(moment)
    await saga.cancel()
    expect((await saga.result()).outcome).toBe('withdrawn')
    await play.post.release()
    expect(backOf(play)).toEqual(roadBack)
    expect(play.post.shop.facts()).toEqual(asBefore)
    expect(ends(play.post.shop.story)).toEqual(['withdrawn'])
  })

  test.each(afterThePivot)('$when stops nothing: the saga finishes', async (moment) => {
    const { play, saga } = await playTo(moment)
    await saga.cancel()
    await eventuallyHolds(() => expect(play.post.asked).toContain('ForbidRefund'))
    await play.post.release()
    expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.asked).not.toContain('AbandonCancellation')
    expect(play.post.shop.facts()).toEqual(complete)
    expect(ends(play.post.shop.story)).toEqual(['completed cancelled'])
  })
})

describe.concurrent('a withdrawal', () => {
  test.each([atTheGate, parked])('$when takes everything back', async (moment) => {
    const { play, saga } = await playTo(moment)
    expect(await play.withdraw(saga)).toEqual({ accepted: true })
    expect((await saga.result()).outcome).toBe('withdrawn')
    expect(backOf(play)).toEqual(roadBack)
    expect(play.post.shop.facts()).toEqual(asBefore)
  })

  test.each(roadBack)('while %s is on its way changes nothing, and is told so', async (undo) => {
    const command = undo as CommandName
    const moment: Moment = { when: '', options: { bank: 'refuses' }, mishap: { command, kind: 'answer-held' } }
    // In the fast lane the run may end with the workflow task that the wish comes in, and Temporal says that it is too late.
    const { play, saga } = await playTo(moment, 'slow')
    const withdrawn = play.withdraw(saga)
    await saga.cancel()
    await play.post.release()
    expect(await withdrawn).toMatchObject({ accepted: false, code: 'too-late' })
    expect(await saga.result()).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
    expect(play.post.shop.facts()).toEqual(asBefore)
    expect(ends(play.post.shop.story)).toEqual(['compensated refund-refused'])
  })
})

describe.concurrent('a command that nobody answers', () => {
  test.each(['SetStockAside', 'RefundOrder'] as const)(
    '%s is sent again after ten seconds, and done once',
    async (command) => {
      const play = stage.open({}, [{ command, kind: 'question-held', times: 1 }])
      const saga = await play.start()
      expect((await saga.result()).outcome).toBe('cancelled')
      expect(play.post.holds(command)).toBe(true)
      await play.post.release()
      expect(play.post.shop.facts()).toEqual(complete)
      expect(play.post.shop.story).toEqual(['started', 'completed cancelled'])
    },
  )
})

/** Milliseconds after the start at which somebody wants to turn back: the refund is somewhere among them. */
const delays = Array.from({ length: 24 }, (_, place) => place * 30)

describe.concurrent('a race against the refund', () => {
  test.each(delays)('a wish after %i ms is granted, or money moves: never both', async (delay) => {
    const play = stage.open({}, [])
    const { shop } = play.post
    const saga = await play.start()
    await new Promise((resolve) => setTimeout(resolve, delay))
    const wish = delay % 60 === 0 ? play.withdraw(saga) : saga.cancel().then(() => undefined)
    // A run that has closed meanwhile takes no wish: that is too late.
    const granted = await wish.catch(() => ({ accepted: false }))
    const { outcome } = await saga.result()
    // A workflow task that was lost between payment's word and the record of the wish still turns back, and forgets who wished it.
    const turned = outcome === 'withdrawn' || outcome === 'compensated'
    expect(shop.facts()).toEqual(turned ? asBefore : complete)
    expect(ends(shop.story)).toEqual([turned ? outcome : 'completed cancelled'])
    if (granted !== undefined) expect(granted.accepted).toBe(outcome === 'withdrawn')
  })
})
