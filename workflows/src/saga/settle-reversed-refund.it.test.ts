import type { AnswerTo, CommandData, Resolution } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, type ReversalHandle } from '../../testing/laboratory.ts'
import { asks, parks, recorded, resolve, waitsFor } from '../../testing/play.ts'
import { createWorld, type Services, stepFailed, tender, type World, willing } from '../../testing/world.ts'
import { newsSignal } from '../protocol/news.ts'
import { type Reversal, reversedSignal } from '../protocol/reversal.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())

const reversal: Reversal = {
  orderId: 'ord-1',
  requestId: 'req-1',
  tenderId: 't1',
  refundId: 'ref-1',
  channel: 'sandbox-card',
  amount: 3351,
  currency: 'EUR',
  failure: 'the account is closed',
}

type Read = AnswerTo<'ReadCancellation'> & { type: 'CancellationRead' }
interface Setting {
  readonly fallback?: 'store-credit'
  /** What was decided in the cancellation itself, or by an earlier run. */
  readonly earlier?: readonly Resolution[]
  readonly services?: Partial<Services>
  /** What it is a case of, when not a reversal. */
  readonly what?: 'failed' | 'twice'
}

const resolution = (step: string, round: number, decision: Resolution['decision']): Resolution => ({
  ...{ step, direction: 'do', round, decision, by: 'ops-0', reason: 'before', at: '2026-11-20T10:00:00Z' },
  ...(decision === 'refund-elsewhere' ? { to: 'bank-transfer' } : {}),
})

/** Plays the saga of a reversed refund; the order service gives back what was recorded. */
const play = async (
  { fallback, earlier = [], services, what }: Setting,
  script: (saga: ReversalHandle, world: World) => Promise<unknown> = async () => {},
) => {
  const refunds: CommandData<'RefundOrder'>[] = []
  const world: World = createWorld(
    {
      ReadCancellation: (): Read => {
        const made = world.records.flatMap(({ record }) => (record.what === 'resolved' ? [record] : []))
        const resolutions = [...earlier, ...made.map(({ what: _, ...rest }) => rest)]
        const refund = {
          amount: 3351,
          currency: 'EUR',
          refundTo: 'original',
          fallback: fallback ?? 'attention',
        } as const
        return { type: 'CancellationRead', open: false, refund, resolutions }
      },
      ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('reversed')] }),
      ...services,
      RefundOrder: (asked) => {
        refunds.push(asked.data)
        return services?.RefundOrder?.(asked) ?? willing.RefundOrder()
      },
    },
    laboratory.whileOpen,
  )
  const run = async (saga: ReversalHandle) => {
    await script(saga, world)
    return saga.result()
  }
  const result = await laboratory.runReversal(world, run, what === undefined ? reversal : { ...reversal, what })
  const chosen = refunds.map((each) => each.chosen)
  return {
    world,
    result,
    chosen,
    refunds: refunds.map(({ round, elsewhere, tenderId }) => [tenderId, round, elsewhere]),
  }
}

test('policy sends it elsewhere, which is recorded before it is done', async () => {
  const { world, result, refunds } = await play({ fallback: 'store-credit' })
  expect(result).toEqual({ stage: 'closed', refunds: [tender('succeeded')] })
  expect(refunds).toEqual([['t1', 2, 'store-credit']])
  expect(world.records.map(({ record }) => record)).toMatchObject([
    {
      what: 'resolved',
      step: 'reversed.ref-1',
      decision: 'refund-elsewhere',
      to: 'store-credit',
      by: 'policy:refund-fallback',
    },
  ])
})

test('without a policy it needs attention, and goes where a person says', async () => {
  const { world, refunds } = await play({}, async (saga, world) => {
    const attention = await parks(saga, 'refund-reversed', world)
    expect(attention?.remedies).toEqual(['retry', 'refund-elsewhere', 'skip'])
    expect(attention?.error).toContain('the account is closed')
    expect(await resolve(saga, 'refund-elsewhere', 'store-credit')).toEqual({ accepted: true })
  })
  expect(refunds).toEqual([['t1', 2, 'store-credit']])
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
})

test('it may be left as it is, and then nothing is refunded', async () => {
  const { world, refunds } = await play({}, async (saga, world) => {
    await parks(saga, 'refund-reversed', world)
    await resolve(saga, 'skip')
  })
  expect(refunds).toEqual([])
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
})

test("its round is the next after the cancellation's own", async () => {
  const earlier = [resolution('refund', 1, 'retry'), resolution('stop-parcels', 1, 'retry')]
  const { refunds } = await play({ fallback: 'store-credit', earlier })
  expect(refunds).toEqual([['t1', 3, 'store-credit']])
})

test('a decision that an earlier run recorded is not asked for again', async () => {
  const { world, refunds } = await play({ earlier: [resolution('reversed.ref-1', 1, 'refund-elsewhere')] })
  expect(refunds).toEqual([['t1', 2, 'bank-transfer']])
  expect(world.records).toEqual([])
})

test('it waits until the cancellation itself has ended', async () => {
  const { world, refunds } = await play(
    {
      services: {
        ReadCancellation: ({ time }): Read => ({ ...willing.ReadCancellation(), open: time === 1 }),
        ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('succeeded')] }),
      },
    },
    (saga) => waitsFor(saga, 'the cancellation to end'),
  )
  expect(refunds).toEqual([])
  expect(world.asked).toEqual(['ReadCancellation', 'ForbidRefund'])
})

test('a tender that was refunded again meanwhile is left alone', async () => {
  const services: Partial<Services> = { ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('succeeded')] }) }
  const { world, refunds } = await play({ fallback: 'store-credit', services })
  expect(refunds).toEqual([])
  expect(world.records).toEqual([])
})

test('what fails again needs another decision, told and recorded as its own', async () => {
  const services: Partial<Services> = {
    RefundOrder: ({ data: { round } }) => (round === 2 ? { ...stepFailed, moneyInDoubt: true } : willing.RefundOrder()),
  }
  const { world, refunds } = await play({ fallback: 'store-credit', services }, async (saga, world) => {
    expect((await parks(saga, 'refund-in-doubt', world))?.remedies).toEqual(['retry', 'skip'])
    await resolve(saga, 'retry')
  })
  expect(refunds).toEqual([
    ['t1', 2, 'store-credit'],
    ['t1', 3, undefined],
  ])
  expect(world.records.map(({ key }) => key)).toEqual([
    'resolved.reversed.ref-1-do-1.1',
    'attention.reversed.ref-1-do-2',
    'resolved.reversed.ref-1-do-2.1',
  ])
})

test('a retry keeps to where the money was sent, of which payment may not have heard', async () => {
  const earlier = [resolution('refund', 1, 'retry'), resolution('reversed.ref-1', 1, 'refund-elsewhere')]
  const services: Partial<Services> = {
    RefundOrder: ({ data: { round } }) => (round < 5 ? { ...stepFailed, moneyInDoubt: true } : willing.RefundOrder()),
  }
  const { refunds, chosen } = await play({ earlier, services }, async (saga, world) => {
    await parks(saga, 'refund-in-doubt', world)
    await resolve(saga, 'retry')
    await asks(world, 'RefundOrder 4')
    await eventuallyHolds(() => resolve(saga, 'retry'))
  })
  expect(refunds).toEqual([
    ['t1', 3, 'bank-transfer'],
    ['t1', 4, undefined],
    ['t1', 5, undefined],
  ])
  const sent = { round: 3, to: 'bank-transfer' }
  expect(chosen).toEqual([undefined, sent, sent])
})

test('another reversal of the same tender is settled by the same run, and the same one again is not', async () => {
  const { refunds } = await play({}, async (saga, world) => {
    await parks(saga, 'refund-reversed', world)
    await saga.signal(reversedSignal, reversal)
    await saga.signal(reversedSignal, { ...reversal, refundId: 'ref-2' })
    await resolve(saga, 'retry')
    await eventuallyHolds(async () => expect(world.records).toHaveLength(3))
    await eventuallyHolds(() => resolve(saga, 'refund-elsewhere', 'store-credit'))
  })
  expect(refunds).toEqual([
    ['t1', 2, undefined],
    ['t1', 3, 'store-credit'],
  ])
})

test("Temporal's Cancel does not end it: the money is owed", async () => {
  const { refunds } = await play({}, async (saga, world) => {
    await parks(saga, 'refund-reversed', world)
    await saga.cancel()
    await resolve(saga, 'retry')
    await asks(world, 'RefundOrder 2')
  })
  expect(refunds).toEqual([['t1', 2, undefined]])
})

test('a refund that failed after a person had closed it is theirs to decide about, whatever policy says', async () => {
  const failed: Partial<Services> = { ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('failed')] }) }
  const { refunds } = await play(
    { what: 'failed', fallback: 'store-credit', services: failed },
    async (saga, world) => {
      const attention = await parks(saga, 'refund-refused-after-pivot', world)
      expect(attention).toMatchObject({ step: 'failed.ref-1', remedies: ['retry', 'refund-elsewhere', 'skip'] })
      await resolve(saga, 'refund-elsewhere', 'store-credit')
    },
  )
  expect(refunds).toEqual([['t1', 2, 'store-credit']])
})

test('money that a person and a channel have paid both is a case that only ends by word of a person, which payment is told', async () => {
  const told: CommandData<'CloseRound'>[] = []
  const services: Partial<Services> = {
    ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('succeeded')] }),
    CloseRound: ({ data }) => {
      told.push(data)
      return { type: 'RoundClosed' }
    },
  }
  const { refunds } = await play({ what: 'twice', services }, async (saga, world) => {
    expect((await parks(saga, 'refunded-twice', world))?.remedies).toEqual(['skip'])
    await resolve(saga, 'skip')
  })
  expect(refunds).toEqual([])
  expect(told).toMatchObject([{ tenderId: 't1', settled: [{ tenderId: 't1', amount: 0 }] }])
})

test('money that was paid twice and that its channel has reversed is nobody’s case any more, and nobody is told', async () => {
  const told: CommandData<'CloseRound'>[] = []
  const services: Partial<Services> = {
    ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('succeeded')] }),
    CloseRound: ({ data }) => {
      told.push(data)
      return { type: 'RoundClosed' }
    },
  }
  const { orderId, requestId } = reversal
  const says = 'the refund of tender t1 is reversed by now: by hand it was given once'
  const { world, refunds } = await play({ what: 'twice', services }, async (saga, world) => {
    await parks(saga, 'refunded-twice', world)
    const about = { orderId, requestId, step: 'refund', direction: 'do' } as const
    await saga.signal(newsSignal, { ...about, over: true, event: 'refund.reversed.v1', says })
  })
  expect([refunds, told]).toEqual([[], []])
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
  const resolved = world.records.at(-1)?.record
  expect(resolved).toMatchObject({ decision: 'skip', by: 'news:refund.reversed.v1', reason: says })
  expect(resolved).not.toHaveProperty('settled')
})

test('a reversal of what a person had given by hand is nobody’s case', async () => {
  const byHand = { ...resolution('refund', 1, 'skip'), settled: [{ tenderId: 't1', amount: 3351 }] }
  const { world, refunds } = await play({ fallback: 'store-credit', earlier: [byHand] })
  expect(refunds).toEqual([])
  expect(recorded(world)).toEqual([])
})
