import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { card, given, givenToldEverywhere, refundNamed } from './given.ts'

type World = ReturnType<typeof given>
const foreign = (amount: number, providerRef = 're_stranger') =>
  ({ kind: 'foreign-refund', tenderId: 't1', amount, currency: 'EUR', providerRef }) as const
const dispute = (state: 'opened' | 'won' | 'lost') =>
  ({ kind: 'dispute', tenderId: 't1', amount: 100, dispute: state, providerRef: 'dp_1' }) as const
const owners = (world: World) =>
  (world.state()?.newPostings ?? []).map(({ event, debit, credit, amount }) => [
    ...[event, `${debit.kind}/${'owner' in debit ? debit.owner : ''}`],
    ...[`${credit.kind}/${'owner' in credit ? credit.owner : ''}`, amount],
  ])
const moved = ({ book }: World) => [...book.values()].filter(({ state }) => state === 'succeeded').length
const suspense = (world: World) =>
  (world.state()?.newPostings ?? []).flatMap(({ event, debit, credit, amount }) =>
    debit.kind === 'suspense' || credit.kind === 'suspense' ? [[event, debit.kind, credit.kind, amount]] : [],
  )

describe('a refund that somebody made at the provider', () => {
  it('leaves so much less to give back, and lies in suspense', () => {
    const world = given(card('t1', 100), card('t2', 50))
    world.notify(foreign(80))
    expect(suspense(world)).toEqual([['foreign-refund', 'suspense', 'provider', 80]])
    world.refund({ amount: 90 })
    expect(world.last()).toMatchObject({
      type: 'StepFailed',
      data: { error: expect.stringContaining('expected 90 to give back of order ord-1, got 70 left') },
    })
    expect([...world.calls(), moved(world)]).toEqual([0])
  })

  it('counts once, however often it is told', () => {
    const world = given(card('t1', 100))
    world.notify(foreign(80))
    world.notify({ ...foreign(80), notificationId: 'evt_2' })
    expect(world.state()?.tenders[0]?.claims).toEqual([
      { kind: 'foreign-refund', ref: 're_stranger', state: 'done', amount: 80 },
    ])
    expect(suspense(world)).toHaveLength(1)
  })

  it('tells with whose account the tender was paid, where nobody knew: its suspense lies there', () => {
    const stripe = { ...card('t1', 100), channel: 'stripe', paymentRef: 'pi_1' } as const
    const world = given(stripe)
    world.notify({ ...foreign(80), account: 'acc-1', provider: 'stripe' })
    expect(world.state()?.tenders[0]?.account).toBe('acc-1')
    expect(owners(world).slice(-2)).toEqual([
      ['assigned', 'provider/acc-1', 'provider/stripe', 100],
      ['foreign-refund', 'suspense/acc-1', 'provider/acc-1', 80],
    ])
    for (const provider of ['paypal', 'sandbox-card']) {
      const other = given(stripe)
      other.notify({ ...foreign(80), account: 'acc-1', provider })
      expect(other.state()?.tenders[0]?.account).toBeUndefined()
    }
    const sandbox = given(card('t1', 100))
    sandbox.notify({ ...foreign(80), account: 'sandbox-card', provider: 'sandbox-card' })
    expect(sandbox.state()?.tenders[0]?.account).toBeUndefined()
  })

  it('that came to nothing leaves the tender as it was, in whichever order its news comes', () => {
    const undone = { ...foreign(80), notificationId: 'evt_2', fact: { outcome: 'reversed' } } as const
    const later = given(card('t1', 100))
    later.notify(foreign(80))
    later.notify(undone)
    later.notify({ ...foreign(80), notificationId: 'evt_3' })
    expect(suspense(later)).toEqual([
      ['foreign-refund', 'suspense', 'provider', 80],
      ['foreign-refund-undone', 'provider', 'suspense', 80],
    ])
    const first = given(card('t1', 100))
    first.notify(undone)
    first.notify(foreign(80))
    expect(suspense(first)).toEqual([])
    for (const world of [later, first]) {
      world.refund({ amount: 100 })
      expect(world.calls()).toHaveLength(1)
    }
  })

  it('while its saga is open keeps the second refund back, and has a person asked', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    world.notify({ ...foreign(40), tenderId: 't2' })
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'StepFailed',
      data: { moneyInDoubt: false, error: expect.stringContaining('40 of its payment went back, and not by us') },
    })
    expect([world.calls(), moved(world)]).toEqual([[], 1])
    world.refund({ round: 2, elsewhere: 'store-credit' })
    expect([world.last()?.type, world.calls()]).toEqual(['StepFailed', []])
    world.close({ of: 2, settled: [{ tenderId: 't2', amount: 40 }] })
    expect(moved(world)).toBe(1)
  })

  it('while a call is under way sends nothing more, and finds what that call did', async () => {
    for (const answer of ['lost-done', 'lost-undone'] as const) {
      const world = given(card('t1', 100))
      world.refund()
      await world.run('call', answer)
      world.notify(foreign(100))
      world.patienceOver()
      const looks = world.calls()
      expect(looks).toHaveLength(1)
      await world.run('call', 'succeeded')
      const isDone = answer === 'lost-done'
      expect([world.last()?.type, moved(world)]).toEqual(isDone ? ['RefundSettled', 1] : ['StepFailed', 0])
      expect(world.calls()).toEqual([])
    }
  })

  it('is no stranger’s when it is our own, told before its answer', async () => {
    const world = given(card('t1', 100))
    world.refund()
    const [id = ''] = world.calls()
    const finish = await world.start(id)
    const own = foreign(100, `re_${refundNamed('req-1/t1')}`)
    world.notify(own)
    expect(world.waiting).toHaveLength(1)
    finish()
    world.patienceOver()
    expect([world.last()?.type, world.state()?.tenders[0]?.claims]).toEqual(['RefundSettled', []])
    world.notify({ ...own, notificationId: 'evt_3' })
    expect(world.state()?.tenders[0]?.claims).toEqual([])
  })

  it('keeps back store credit too, up to the moment when it is posted', async () => {
    const world = given(card('t1', 100))
    world.refund({ refundTo: 'store-credit' })
    const [id = ''] = world.calls()
    const finish = await world.start(id)
    world.notify(foreign(30))
    world.patienceOver()
    finish()
    expect(world.last()?.type).toBe('StepFailed')
    expect(world.state()?.tenders[0]?.refunded).toBe(0)
  })

  it('is a dead letter where it cannot be booked', () => {
    const world = given(card('t1', 100))
    const { amount, ...unsaid } = foreign(1)
    for (const told of [unsaid, { ...foreign(1), currency: 'JPY' }, { ...foreign(1), tenderId: 'nobody' }])
      world.notify(told)
    expect(world.letters).toEqual(['invalid-data', 'invalid-data', 'invalid-data'])
  })
})

describe('a refund of which its provider tells as what all are', () => {
  const inAll = (amount: number, at: string, providerRef = 'shop-1') =>
    ({ ...foreign(amount, providerRef), notificationId: `N-${providerRef}`, inAll: true, occurredAt: at }) as const
  const claimed = (world: World) =>
    (world.state()?.tenders[0]?.claims ?? []).reduce((sum, { amount }) => sum + amount, 0)
  const inSuspense = (world: World) =>
    suspense(world).reduce((sum, [, debit, , amount]) => sum + Number(amount) * (debit === 'suspense' ? 1 : -1), 0)
  const refunded = async (world: World, requestId: string, amount: number) => {
    world.refund({ requestId, amount })
    await world.run('call')
    expect(world.last()).toMatchObject({ requestId, type: 'RefundSettled' })
  }

  const refund = fc.record({
    by: fc.constantFrom('us', 'them'),
    amount: fc.integer({ min: 1, max: 10 }),
    late: fc.nat(3),
  })
  it('counts as what it was, however late, often and in whichever order it is told: all the rest can be given back', () =>
    fc.assert(
      fc.asyncProperty(fc.array(refund, { maxLength: 7 }), async (refunds) => {
        const world = given(card('t1', 100))
        const back = { us: 0, them: 0 }
        const news: { readonly due: number; readonly tell: () => void }[] = []
        for (const [index, { by, amount, late }] of refunds.entries()) {
          if (by === 'us') await refunded(world, `req-${index}`, amount)
          back[by] += amount
          const told = inAll(back.us + back.them, world.now(), `shop-${index}`)
          if (by === 'them') news.push({ due: index + late, tell: () => world.notify(told) })
          for (const { due, tell } of news) if (due === index) tell()
          expect(claimed(world)).toBeLessThanOrEqual(back.them)
        }
        for (const { tell } of news.toReversed()) tell()
        expect([claimed(world), inSuspense(world)]).toEqual([back.them, back.them])
        await refunded(world, 'req-rest', 100 - back.us - back.them)
        expect(world.letters).toEqual([])
      }),
    ))

  it('is the same money as what the shop says of it', async () => {
    const world = given(card('t1', 100))
    await refunded(world, 'req-1', 40)
    world.notify(inAll(50, world.now()))
    world.amend(2, [card('t1', 90)])
    world.notify(inAll(57, world.now(), 'shop-2'))
    expect(world.state()?.tenders[0]?.claims).toMatchObject([{ amount: 10, toldAs: 'amended' }, { amount: 7 }])
    expect(inSuspense(world)).toBe(7)
    await refunded(world, 'req-2', 43)
  })

  it('waits for the answer to a refund of ours that may be among them', async () => {
    const world = given(card('t1', 100))
    world.refund({ amount: 40 })
    const [id = ''] = world.calls()
    const finish = await world.start(id)
    world.notify(inAll(50, world.now()))
    expect([world.waiting.length, claimed(world)]).toEqual([1, 0])
    finish()
    world.patienceOver()
    expect([world.last()?.type, claimed(world)]).toEqual(['RefundSettled', 10])
  })

  it('tells nothing new where all of it is known', async () => {
    const world = given(card('t1', 100))
    await refunded(world, 'req-1', 40)
    world.notify(inAll(40, world.now()))
    expect([world.state()?.tenders[0]?.claims, world.letters]).toEqual([[], []])
  })
})

describe('a dispute', () => {
  it('has the refunds of its payment wait for a person, and lets them go on when it is won', async () => {
    const world = given(card('t1', 100))
    world.notify(dispute('opened'))
    world.refund()
    expect(world.last()).toMatchObject({
      type: 'StepFailed',
      data: { error: 'expected 100 to give back of order ord-1, got 0 left over its tenders' },
    })
    expect(world.calls()).toEqual([])
    world.notify({ ...dispute('won'), notificationId: 'evt_2' })
    expect(suspense(world)).toEqual([
      ['dispute', 'suspense', 'provider', 100],
      ['dispute-won', 'provider', 'suspense', 100],
    ])
    world.refund({ round: 2 })
    await world.run('call')
    expect([world.last()?.type, moved(world)]).toEqual(['RefundSettled', 1])
  })

  it('that opens while its saga waits keeps back what was not sent, and a person may send it elsewhere', async () => {
    const world = givenToldEverywhere(card('t1', 100))
    world.refund()
    await world.run('call', 'before-anything')
    world.notify({ ...dispute('opened'), amount: undefined })
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'StepFailed',
      data: { moneyInDoubt: false, error: expect.stringContaining('its payment is disputed (dp_1)') },
    })
    world.refund({ round: 2 })
    expect([world.last()?.type, moved(world)]).toEqual(['StepFailed', 0])
    world.refund({ round: 3, elsewhere: 'bank-transfer' })
    await world.run('call')
    expect([world.last()?.type, moved(world)]).toEqual(['RefundSettled', 1])
  })

  it('that was over before it was told to be open stays over', () => {
    const world = given(card('t1', 100))
    world.notify(dispute('won'))
    world.notify({ ...dispute('opened'), notificationId: 'evt_2' })
    expect(world.state()?.tenders[0]?.claims).toMatchObject([{ state: 'won' }])
    expect(suspense(world)).toEqual([])
  })
})
