import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { asBefore, complete } from './cells.ts'
import { openStage, type Play, type Stage } from './stage.ts'

/** The merchant's decision: when it counts, and how the public hears of one that does not. */

vi.setConfig({ maxConcurrency: 16 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

const asked = (onSilence: 'approve' | 'reject', deadlineMs = 600_000) =>
  ({ merchantApproval: 'always', onSilence, deadlineMs }) as const
const isAsked = ({ post }: Play) => eventuallyHolds(() => expect(post.shop.story).toContain('awaiting-merchant'))
const tells = ({ post }: Play, event: string) => eventuallyHolds(() => expect(post.shop.story).toContain(event))
/** Until that deadline has passed, and not yet the grace of two seconds after it. */
const untilAfter = (deadlineMs: number) => new Promise((resolve) => setTimeout(resolve, deadlineMs + 200))
const inMs = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString()

describe.concurrent('a decision', () => {
  test('before its gate is kept for it', async () => {
    const play = stage.open(asked('approve'), [{ command: 'BeginCancellation', kind: 'question-held' }])
    const saga = await play.start()
    await eventuallyHolds(() => expect(play.post.holds('BeginCancellation')).toBe(true))
    await play.decide(saga, 'reject')
    await play.post.release()
    expect(await saga.result()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected' })
    expect(play.post.shop.story.at(-1)).toBe('refused merchant-rejected')
    expect(play.post.shop.facts()).toEqual(asBefore)
  })

  test('that comes twice counts once, and the second is told so', async () => {
    const play = stage.open(asked('reject'), [{ command: 'RefundOrder', kind: 'question-held' }])
    const saga = await play.start()
    await isAsked(play)
    await play.decide(saga, 'approve')
    await play.decide(saga, 'reject')
    await tells(play, 'input-rejected already-decided')
    await play.post.release()
    expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toEqual(complete)
  })

  test('of two at once the first counts', async () => {
    const play = stage.open(asked('approve'), [{ command: 'PauseFulfilment', kind: 'question-held' }])
    const saga = await play.start()
    await eventuallyHolds(() => expect(play.post.holds('PauseFulfilment')).toBe(true))
    await play.decide(saga, 'reject')
    await play.decide(saga, 'approve')
    await play.post.release()
    expect((await saga.result()).code).toBe('merchant-rejected')
    await tells(play, 'input-rejected too-late')
  })

  test('that was made in time counts, though it is read after the deadline', async () => {
    const play = stage.open(asked('approve', 3000), [])
    const saga = await play.start()
    await isAsked(play)
    const made = inMs(0)
    await untilAfter(3000)
    await play.decide(saga, 'reject', made)
    expect((await saga.result()).code).toBe('merchant-rejected')
    expect(play.post.shop.facts()).toEqual(asBefore)
  })

  test('that was made after the deadline changes nothing, and is told so', async () => {
    const play = stage.open(asked('approve', 1000), [])
    const saga = await play.start()
    await isAsked(play)
    await untilAfter(1000)
    await play.decide(saga, 'reject')
    await tells(play, 'input-rejected too-late')
    expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.shop.facts()).toEqual(complete)
  })

  test("that comes in time counts, though its sender's clock is a minute ahead", async () => {
    const play = stage.open(asked('approve', 5000), [])
    const saga = await play.start()
    await isAsked(play)
    await play.decide(saga, 'reject', inMs(60_000))
    expect((await saga.result()).code).toBe('merchant-rejected')
    expect(play.post.shop.story).not.toContain('input-rejected too-late')
  })

  test('about an order that needs none changes nothing, and is told so', async () => {
    const play = stage.open({}, [{ command: 'RefundOrder', kind: 'question-held' }])
    const saga = await play.start()
    await play.decide(saga, 'reject')
    await tells(play, 'input-rejected already-decided')
    await play.post.release()
    expect((await saga.result()).outcome).toBe('cancelled')
  })

  test('that comes while the saga is on its way back is too late', async () => {
    const play = stage.open({ bank: 'refuses' }, [{ command: 'ReserveAgain', kind: 'question-held' }])
    const saga = await play.start()
    await eventuallyHolds(() => expect(play.post.holds('ReserveAgain')).toBe(true))
    await play.decide(saga, 'approve')
    await tells(play, 'input-rejected too-late')
    await play.post.release()
    expect((await saga.result()).code).toBe('refund-refused')
  })
})

describe.concurrent('silence', () => {
  test('means yes where policy says so', async () => {
    const play = stage.open(asked('approve', 100), [])
    const saga = await play.start()
    expect((await saga.result()).outcome).toBe('cancelled')
    expect(play.post.shop.story).toEqual(['started', 'awaiting-merchant', 'decided approve', 'completed cancelled'])
    expect(play.post.shop.facts()).toEqual(complete)
  })

  test('means no where policy says so', async () => {
    const play = stage.open(asked('reject', 100), [])
    const saga = await play.start()
    expect(await saga.result()).toMatchObject({ outcome: 'refused', code: 'merchant-silent' })
    expect(play.post.shop.story).toEqual([
      ...['started', 'awaiting-merchant', 'decided reject', 'refused merchant-silent'],
    ])
    expect(play.post.shop.facts()).toEqual(asBefore)
  })
})
