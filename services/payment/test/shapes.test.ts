import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askingFor, channelConformance } from '../channels/conformance.ts'
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
/** The provider's own word of the refund that was asked for last. */
const told = (world: World, outcome: 'succeeded' | 'refused' | 'reversed', about: object = {}) => {
  const refund = world.state()?.refunds.at(-1)
  world.notify({
    ...{ account: 'sandbox-card', provider: 'sandbox-card', kind: 'fact', fact: { outcome }, tenderId: 't1' },
    ...{ refundId: refund?.refundId, providerRef: refund?.refundId, amount: 100, currency: 'EUR', ...about },
  })
}
/** As if the refund had been asked for long ago. */
const waitsFor = (world: World, ms: number) => world.later(ms)

describe.each(['stripe', 'alipay', 'wechat'] as const)('a channel of the shape of %s', (name) => {
  const { channel } = shapes[name]()
  channelConformance(
    () => channel,
    askingFor((number) => `pay_${number}`, 'sandbox-card'),
  )
})

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

describe('a provider that cannot be asked', () => {
  const received = async () => {
    const provider = shapes.adyen()
    const world = given(provider)
    world.refund()
    await world.calls()
    return { ...world, provider }
  }

  it('that has a refund has not accepted it: its own word does', async () => {
    const world = await received()
    expect(world.state()?.requests).toMatchObject([{ accepted: false }])
    told(world, 'succeeded')
    expect([world.last()?.type, world.state()?.tenders[0]?.refunded]).toEqual(['RefundSettled', 100])
    told(world, 'succeeded', { notificationId: 'evt_2' })
    expect(world.state()?.tenders[0]?.refunded).toBe(100)
    told(world, 'reversed', { notificationId: 'evt_3' })
    expect(world.state()?.refunds.map(({ progress }) => progress.state)).toEqual(['reversed'])
    expect(world.letters).toEqual([])
  })

  it('may say no to it before the pivot, and after its patience only a late one', async () => {
    const early = await received()
    told(early, 'refused')
    expect(early.last()?.type).toBe('RefundRefused')
    early.forbid()
    expect(early.last()?.type).toBe('NothingMoved')

    const late = await received()
    late.later(600_000)
    await late.run('received')
    expect(late.state()?.requests).toMatchObject([{ accepted: true }])
    told(late, 'refused')
    expect(late.state()?.refunds[0]?.progress).toMatchObject({ state: 'failed' })
    late.forbid()
    expect(late.last()?.type).toBe('MoneyMoved')
  })

  it('settles by its word what its answer was lost of, also before it', async () => {
    const provider = shapes.adyen()
    provider.faults.push('lost-answer')
    const world = given(provider)
    world.refund()
    told(world, 'succeeded')
    expect(world.last()?.type).toBe('RefundSettled')
    expect(world.task('call')).toBeUndefined()
  })

  it('makes three refunds of a payment three, though the first answer is lost and its word comes an hour late', async () => {
    const provider = shapes.adyen()
    provider.faults.push('lost-answer', 'lost-question', 'lost-question')
    const world = given(provider)
    for (const requestId of ['req-1', 'req-2', 'req-3']) {
      world.refund({ requestId, amount: 30 })
      await world.calls()
    }
    world.refund({ requestId: 'req-1', amount: 30, round: 2 })
    await world.calls()
    world.later(3_600_000)
    for (const [number, { refundId }] of (world.state()?.refunds ?? []).entries())
      told(world, 'succeeded', { refundId, providerRef: refundId, amount: 30, notificationId: `evt_${number}` })
    expect([[...provider.moved.values()], world.state()?.tenders[0]?.refunded]).toEqual([[30, 30, 30], 90])
    expect(world.replies.filter(({ type }) => type === 'RefundSettled')).toHaveLength(3)
  })

  it('is not believed of another amount, currency, number or refund', async () => {
    const world = await received()
    for (const about of [{ amount: 99 }, { currency: 'USD' }, { providerRef: 'another' }, { amount: undefined }])
      told(world, 'succeeded', about)
    expect([world.last()?.type, world.letters]).toEqual(['StepPending', Array(4).fill('invalid-data')])
    told(world, 'succeeded', { refundId: 'ref_000000000000000000000000' })
    expect(world.letters).toHaveLength(4)
    world.patienceOver()
    expect(world.letters).toHaveLength(5)
  })
})

describe('a refund that is taken on, and looked at', () => {
  const polled = async (...becomes: Parameters<typeof shapes.wechatLater>[0]) => {
    const provider = shapes.wechatLater(becomes)
    const world = given(provider)
    world.refund()
    await world.calls()
    for (let polls = becomes.length; polls > 0; polls--) {
      await world.run('poll')
      await world.calls()
    }
    return { ...world, provider }
  }

  it('waits for the merchant where the card does not take it, and goes on when it does', async () => {
    const world = await polled('processing', 'abnormal')
    expect(world.published.at(-1)).toMatchObject({
      type: 'refund.action-required.v1',
      data: { action: { who: 'merchant' } },
    })
    await (await polled('abnormal', 'done')).calls()
    expect((await polled('abnormal', 'done')).last()?.type).toBe('RefundSettled')
  })

  it('is asked for under another number when it was closed, and after three of them it is a no', async () => {
    const once = await polled('closed', 'done')
    expect([once.last()?.type, once.state()?.refunds.length]).toEqual(['RefundSettled', 2])
    const always = await polled('closed', 'closed', 'closed')
    expect(always.state()?.refunds.map(({ progress }) => progress.state)).toEqual(['failed', 'failed', 'failed'])
    expect(always.task('call')).toBeUndefined()
  })

  it('was not taken on where the provider does not know of it: the same number is asked for again', async () => {
    const provider = shapes.wechatLater(['done'])
    provider.faults.push('lost-question', 'lost-question', 'lost-question')
    const world = given(provider)
    world.refund()
    await world.calls()
    world.refund({ round: 2 })
    await world.calls()
    await world.run('poll')
    expect([world.last()?.type, world.state()?.refunds.length, total(provider)]).toEqual(['RefundSettled', 1, 100])
  })
})

describe('a number that the provider has kept', () => {
  it('is answered that no money moved now, and a look finds that it had', async () => {
    const provider = shapes.alipay()
    provider.faults.push('lost-answer')
    const world = given(provider)
    world.refund()
    await world.calls()
    expect([world.last()?.type, total(provider), provider.asked.refunds]).toEqual(['RefundSettled', 100, 2])
  })

  it('keeps its three seconds from another refund of the payment', () => {
    const world = given(shapes.alipay())
    world.refund({ amount: 40 })
    world.refund({ requestId: 'req-2', amount: 60 })
    const [one, two] = [...world.tasks.values()].map(({ dueAt }) => Date.parse(dueAt))
    expect((two ?? 0) - (one ?? 0)).toBe(3_000)
  })
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
const names = fc.constantFrom('stripe', 'adyen', 'alipay', 'wechat')

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
          if (name === 'adyen' && wait % 2 === 0 && total(provider) > 0)
            told(world, 'succeeded', { notificationId: `evt_${index}` })
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
