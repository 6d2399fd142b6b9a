import { describe, expect, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { refundIdOf } from '../decide/next-refund.ts'
import { type Told, toldChannel } from './told-channel.ts'
import { createWorld } from './world.ts'

const card = (tenderId: string) =>
  ({ tenderId, channel: 'sandbox-card', amount: 100, paymentRef: `pay_${tenderId}` }) as const

const given = (...tenderIds: readonly string[]) => {
  const { channel, book, tell } = toldChannel()
  const world = createWorld({ ...channels({ sandbox: channel }), 'sandbox-card': channel })
  world.accept(tenderIds.map(card))
  const run = async (kind: 'call' | 'poll' | 'overdue', tenderId: string, told: Told = 'succeeded') => {
    const refundId = refundIdOf('ord-1', `req-1/${tenderId}`)
    const id = [...world.tasks.keys()].find((each) => each.startsWith(kind) && each.includes(refundId))
    if (id === undefined)
      throw new Error(`expected a task to ${kind} ${tenderId}, got ${[...world.tasks.keys()].join()}`)
    tell(told)
    const finish = await world.start(id)
    finish()
  }
  const becomes = async (tenderId: string, state: 'succeeded' | 'refused') => {
    const booked = book.get(refundIdOf('ord-1', `req-1/${tenderId}`))
    if (booked !== undefined) booked.state = state
    await run('poll', tenderId)
  }
  return { ...world, run, becomes, newest: () => world.published.at(-1) }
}

const newsFor = { requestId: 'req-1', step: 'refund', direction: 'do' }

describe('the end of a refund', () => {
  it('is no news while somebody waits for it', async () => {
    const world = given('t1')
    world.refund({ amount: 100 })
    await world.run('call', 't1', 'pending')
    await world.becomes('t1', 'succeeded')
    expect(world.newest()).toMatchObject({ type: 'refund.succeeded.v1' })
    expect(world.newest()?.data).not.toHaveProperty('newsFor')
  })

  it.each(['succeeded', 'refused'] as const)(
    'that took too long is news for the step that is stuck: %s',
    async (state) => {
      const world = given('t1')
      world.refund({ amount: 100 })
      await world.run('call', 't1', 'pending')
      await world.run('overdue', 't1')
      await world.becomes('t1', state)
      expect(world.newest()?.data).toMatchObject({ newsFor })
      const answers = world.replies.length
      world.refund({ amount: 100, round: 2 })
      if (state === 'refused') await world.run('call', 't1/2', 'refused')
      expect(world.replies).toHaveLength(answers + 1)
      const type = state === 'succeeded' ? 'RefundSettled' : 'RefundStuck'
      expect(world.replies.at(-1)).toMatchObject({ type, round: 2 })
    },
  )

  it('of one tender is news once nothing else stands in the way', async () => {
    const world = given('t1', 't2')
    world.refund({ amount: 200 })
    await world.run('call', 't1', 'pending')
    await world.run('call', 't2', 'pending')
    await world.run('overdue', 't1')
    await world.becomes('t1', 'succeeded')
    expect(world.newest()?.data).not.toHaveProperty('newsFor')
    await world.becomes('t2', 'succeeded')
    expect(world.newest()?.data).toMatchObject({ tenderId: 't2', newsFor })
  })

  it('is none for a step whose other tender was refused: a person is asked about that', async () => {
    const world = given('t1', 't2')
    world.refund({ amount: 200 })
    await world.run('call', 't1', 'pending')
    await world.run('call', 't2', 'refused')
    expect(world.replies.at(-1)).toMatchObject({ type: 'RefundStuck' })
    await world.becomes('t1', 'succeeded')
    expect(world.newest()?.data).not.toHaveProperty('newsFor')
  })

  it('is none for a person who has closed the refund', async () => {
    const world = given('t1')
    world.refund({ amount: 100 })
    await world.run('call', 't1', 'pending')
    await world.run('overdue', 't1')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    await world.becomes('t1', 'succeeded')
    expect(world.newest()?.data).toMatchObject({ afterClosing: 'twice' })
    expect(world.newest()?.data).not.toHaveProperty('newsFor')
  })
})
