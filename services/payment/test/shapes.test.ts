import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { faults, type Provider, shapes } from './shapes.ts'
import { createWorld } from './world.ts'

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const tender = { tenderId: 't1', channel: 'sandbox-card', amount: 100, paymentRef: 'pay_1' } as const

const given = (provider: Provider, more: { readonly paidAt?: string } = {}) => {
  const settings = { stepAttempts: 3, stepBackoffMs: 1000, refundPatienceMs: 1e12 }
  const world = createWorld({ ...channels({ sandbox: nobody }), 'sandbox-card': provider.channel }, settings)
  world.accept([{ ...tender, ...more }])
  const task = (beginning: string) => [...world.tasks.values()].find(({ id }) => id.startsWith(beginning))
  const run = async (beginning: string) => {
    const finish = await world.start(task(beginning)?.id ?? '')
    finish()
  }
  const calls = async () => {
    for (let runs = 0; task('call') !== undefined && runs < 50; runs++) await run('call')
  }
  return { ...world, task, run, calls, last: () => world.replies.at(-1) }
}
type World = ReturnType<typeof given>

const total = ({ moved }: Provider) => [...moved.values()].reduce((sum, each) => sum + each, 0)
/** As if the refund had been asked for long ago. */
const waitsFor = (world: World, ms: number) => world.later(ms)

describe('a key that the provider may have forgotten', () => {
  it('is not relied on: the provider is asked first, and nothing moves twice', async () => {
    const provider = shapes.stripe()
    provider.faults.push('lost-answer', 'lost-question', 'lost-question')
    const world = given(provider)
    world.refund()
    await world.calls()
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    waitsFor(world, 86_400_000)
    provider.forget()
    world.refund({ round: 2 })
    await world.calls()
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect([total(provider), provider.asked]).toEqual([100, { refunds: 3, looks: 1 }])
  })

  it('is asked with again when the provider says that it does not know of the refund', async () => {
    const provider = shapes.stripe()
    provider.faults.push('lost-question', 'lost-question', 'lost-question')
    const world = given(provider)
    world.refund()
    await world.calls()
    waitsFor(world, 86_400_000)
    world.refund({ round: 2 })
    await world.calls()
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect(total(provider)).toBe(100)
  })

  it('is not asked with at all where nobody can be asked: a person decides', async () => {
    const provider = shapes.adyen()
    provider.faults.push('lost-answer', 'lost-question', 'lost-question')
    const world = given(provider)
    world.refund()
    await world.calls()
    waitsFor(world, 7 * 86_400_000)
    provider.forget()
    world.refund({ round: 2 })
    expect(world.task('call')).toBeUndefined()
    expect(world.last()).toMatchObject({ type: 'StepFailed', round: 2, data: { moneyInDoubt: true } })
    expect(total(provider)).toBe(100)
  })
})

it('a channel that tells by itself is not looked at', async () => {
  const world = given(shapes.adyen())
  world.refund()
  await world.calls()
  expect(world.last()?.type).toBe('StepPending')
  expect(world.task('poll')).toBeUndefined()
})

describe('a no that the provider did not sign', () => {
  it('is believed when a look finds nothing', async () => {
    const provider = shapes.alipay()
    provider.faults.push('unsigned-no')
    const world = given(provider)
    world.refund()
    await world.calls()
    expect(world.last()?.type).toBe('RefundRefused')
    expect([total(provider), provider.asked.looks]).toEqual([0, 1])
  })

  it('is none when a look finds the refund', async () => {
    const provider = shapes.alipay()
    provider.faults.push('unsigned-no-but-done')
    const world = given(provider)
    world.refund()
    await world.calls()
    expect(world.last()?.type).toBe('RefundSettled')
    expect(total(provider)).toBe(100)
  })
})

describe('a failure that the provider keeps for the key', () => {
  const failing = async (...faults: Provider['faults']) => {
    const provider = shapes.stripe()
    provider.faults.push(...faults)
    const world = given(provider)
    world.refund()
    await world.run('call')
    return { ...world, provider }
  }

  it('is looked past, and its refund is asked for under another key once a look found nothing twice, ten minutes apart', async () => {
    const { provider, ...world } = await failing('kept-failure')
    await world.run('call')
    const dueAt = Date.parse(world.task('call')?.dueAt ?? '')
    expect([provider.asked, dueAt - Date.parse(world.now())]).toEqual([{ refunds: 1, looks: 1 }, 600_000])
    world.later(600_000)
    await world.run('call')
    expect(world.state()?.refunds.map(({ progress }) => progress.state)).toEqual(['failed', 'submitted'])
    await world.calls()
    expect(world.last()?.type).toBe('RefundSettled')
    expect([[...provider.moved.values()], provider.asked]).toEqual([[100], { refunds: 2, looks: 2 }])
  })

  it('is no failure where the refund was made', async () => {
    const { provider, ...world } = await failing('kept-failure-but-done')
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([total(provider), provider.asked]).toEqual([100, { refunds: 1, looks: 1 }])
  })

  it('is not believed dead by looks that follow closely: it waits for a person when its attempts are used up', async () => {
    const { provider, ...world } = await failing('kept-failure')
    await world.calls()
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    expect([total(provider), provider.asked]).toEqual([0, { refunds: 1, looks: 2 }])
  })
})

describe('refunds of one payment', () => {
  it('keep the time between them that the provider asks for', () => {
    const world = given(shapes.wechat())
    world.refund({ amount: 40 })
    world.refund({ requestId: 'req-2', amount: 60 })
    const [one, two] = [...world.tasks.values()].map(({ dueAt }) => Date.parse(dueAt))
    expect((two ?? 0) - (one ?? 0)).toBe(60_000)
  })

  it('are no more than the provider makes, and the next is a no without a call', async () => {
    const provider = shapes.wechat()
    const world = given(provider)
    for (const requestId of ['req-1', 'req-2', 'req-3']) world.refund({ requestId, amount: 30 })
    await world.calls()
    expect(provider.asked.refunds).toBe(2)
    expect(world.replies.find(({ requestId }) => requestId === 'req-3')).toMatchObject({
      type: 'RefundRefused',
      data: { tenders: [{ state: 'failed', cure: 'elsewhere', failure: expect.stringContaining('2 refunds') }] },
    })
  })

  it('are not asked for when the payment is too old, and are sent elsewhere by a person', async () => {
    const provider = shapes.wechat()
    const world = given(provider, { paidAt: '2025-11-19T09:00:00Z' })
    world.refund()
    expect(world.last()).toMatchObject({ type: 'RefundRefused', data: { tenders: [{ cure: 'elsewhere' }] } })
    world.refund({ round: 2, elsewhere: 'store-credit' })
    await world.calls()
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect(provider.asked.refunds).toBe(0)
  })
})

const fault = fc.constantFrom(...faults)
const names = fc.constantFrom<keyof typeof shapes>('stripe', 'adyen', 'alipay', 'wechat')

it('moves money once or never, whatever the provider, its faults, lost keys and rounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.array(fault, { maxLength: 12 }),
      fc.array(fc.nat(10 * 86_400_000), { minLength: 1, maxLength: 5 }),
      async (name, faults, waits) => {
        const provider = shapes[name]()
        provider.faults.push(...faults)
        const world = given(provider)
        for (const [index, wait] of waits.entries()) {
          world.refund({ round: index + 1 })
          await world.calls()
          waitsFor(world, wait)
          if (wait > provider.channel.facts.keyLifeMs) provider.forget()
        }
        expect(total(provider)).toBeLessThanOrEqual(100)
        const settled = world.last()?.type === 'RefundSettled'
        if (settled) expect([total(provider), world.state()?.tenders[0]?.refunded]).toEqual([100, 100])
        if (world.last()?.type === 'RefundRefused') expect(total(provider)).toBe(0)
      },
    ),
    { numRuns: 500 },
  )
})
