import type { Answer, CommandData, Resolution } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { WorkflowUpdateFailedError } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, type SagaHandle } from '../../../testing/laboratory.ts'
import { asks, parks, playIn, recorded, resolve } from '../../../testing/play.ts'
import { begun, type Services, stepFailed, tender, type World, willing } from '../../../testing/world.ts'
import { type ResolveInput, resolveUpdate, statusQuery, withdrawUpdate } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)

const decide = (saga: SagaHandle, input: Partial<ResolveInput> & Pick<ResolveInput, 'decision'>) =>
  saga.executeUpdate(resolveUpdate, { args: [{ by: 'ops-1', reason: 'looked into it', ...input }] })

const refused = (saga: SagaHandle, input: Partial<ResolveInput> & Pick<ResolveInput, 'decision'>) =>
  decide(saga, input).then(
    () => 'accepted',
    (error: unknown) => (error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error)),
  )

const parksAt = (saga: SagaHandle, step: string) =>
  eventuallyHolds(async () => {
    const { attention } = await saga.query(statusQuery)
    expect(attention?.step).toBe(step)
    return attention
  })

/** Services that note what is told of decisions. */
const closing = (services: Partial<Services>) => {
  const told: CommandData<'CloseRound'>[] = []
  const CloseRound: Services['CloseRound'] = ({ data }) => {
    told.push(data)
    return { type: 'RoundClosed' }
  }
  return { told, services: { CloseRound, ...services } }
}

const stuck = (
  reason: Answer<'RefundStuck'>['reason'],
  ...tenders: Answer<'RefundStuck'>['tenders']
): Answer<'RefundStuck'> => ({ type: 'RefundStuck', reason, tenders, message: 'stuck' })

const of = (tenderId: string, amount: number, state: Parameters<typeof tender>[0]) => ({
  ...tender(state),
  ...{ tenderId, amount },
})

describe('what a skip of the refund settles by hand', () => {
  const cases = [
    {
      what: 'what was refused, not what is on its way',
      answer: stuck(
        'refund-refused-after-pivot',
        of('t1', 2000, 'succeeded'),
        of('t2', 351, 'failed'),
        of('t3', 1000, 'pending'),
      ),
      settled: [{ tenderId: 't2', amount: 351 }],
    },
    {
      what: 'what takes too long',
      answer: stuck('refund-overdue', of('t1', 2351, 'succeeded'), of('t2', 1000, 'pending')),
      settled: [{ tenderId: 't2', amount: 1000 }],
    },
    {
      what: 'all, when payment has never heard of it',
      answer: stepFailed,
      settled: [{ amount: 3351 }],
    },
    {
      what: 'what is in doubt, and what no channel was asked about',
      answer: { ...stepFailed, moneyInDoubt: true, tenders: [of('t1', 3000, 'submitted')] },
      settled: [{ tenderId: 't1', amount: 3000 }, { amount: 351 }],
    },
  ]
  test.each(cases)('$what', async ({ answer, settled }) => {
    const { told, services } = closing({ RefundOrder: () => answer })
    const { world, result } = await play(services, async (saga) => {
      await parksAt(saga, 'refund')
      await decide(saga, { decision: 'skip' })
    })
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ closes: { step: 'refund', direction: 'do', round: 1 }, decision: 'skip', settled }])
    expect(world.records.at(-1)?.record).toMatchObject({ what: 'resolved', settled })
  })

  test('is said by name where it is more, and names nothing that its channel has given back, nor leaves out what none will', async () => {
    const answer = stuck(
      'refund-refused-after-pivot',
      of('t1', 2000, 'succeeded'),
      of('t2', 351, 'failed'),
      of('t3', 1000, 'pending'),
    )
    const { told, services } = closing({ RefundOrder: () => answer })
    await play(services, async (saga) => {
      await parksAt(saga, 'refund')
      expect(await refused(saga, { decision: 'skip', settled: ['t1', 't2'] })).toContain('got t1')
      expect(await refused(saga, { decision: 'skip', settled: ['t3'] })).toContain('tender t2')
      expect(await refused(saga, { decision: 'retry', settled: ['t2'] })).toContain('with a skip of the refund alone')
      await decide(saga, { decision: 'skip', settled: ['t2', 't3'] })
    })
    expect(told[0]?.settled).toEqual([
      { tenderId: 't2', amount: 351 },
      { tenderId: 't3', amount: 1000 },
    ])
  })
})

describe('telling a decision', () => {
  const rejected: Answer<'CommandRejected'> = { type: 'CommandRejected', deadLetterId: 'x:0:1', reason: 'not read' }
  const cases = [
    { what: 'that fails', failing: stepFailed, error: 'does not answer' },
    { what: 'that cannot be read', failing: rejected, error: 'not read' },
  ] as const

  test.each(cases)('$what waits for a person, and is told again', async ({ failing, error }) => {
    const { world, result } = await play(
      {
        StopShipment: () => stepFailed,
        CloseRound: ({ data: { round } }) => (round === 1 ? failing : { type: 'RoundClosed' }),
      },
      async (saga, world) => {
        await parks(saga, 'step-failed', world)
        await resolve(saga, 'skip')
        const attention = await parksAt(saga, 'close.stop-parcels-do-1')
        expect(attention?.error).toContain(error)
        expect(attention?.remedies).toEqual(['retry', 'skip'])
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(world.asked.filter((each) => each.startsWith('CloseRound'))).toEqual(['CloseRound', 'CloseRound 2'])
  })

  test('may be let go like any step, and nobody is told of that', async () => {
    const { world, result } = await play(
      { StopShipment: () => stepFailed, CloseRound: () => stepFailed },
      async (saga, world) => {
        await parks(saga, 'step-failed', world)
        await resolve(saga, 'skip')
        await parksAt(saga, 'close.stop-parcels-do-1')
        await resolve(saga, 'skip')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(world.asked.filter((each) => each.startsWith('CloseRound'))).toEqual(['CloseRound'])
  })

  test('about the refund is never let go: payment would pay what a person has given, and nobody would know', async () => {
    const { told, services } = closing({ RefundOrder: () => stepFailed })
    const { world, result } = await play(
      { ...services, CloseRound: (asked) => (asked.data.round === 1 ? stepFailed : services.CloseRound(asked)) },
      async (saga, world) => {
        await parks(saga, 'step-failed', world)
        await resolve(saga, 'skip')
        expect((await parksAt(saga, 'close.refund-do-1'))?.remedies).toEqual(['retry'])
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ decision: 'skip', closes: { step: 'refund', round: 1 } }])
    expect(world.asked.filter((each) => each.startsWith('CloseRound'))).toEqual(['CloseRound', 'CloseRound 2'])
  })

  test('is done again by a run that takes over, before what the decision opened', async () => {
    const elsewhere: Resolution = {
      ...{ step: 'refund', direction: 'do', round: 1, decision: 'refund-elsewhere', to: 'bank-transfer' },
      ...{ by: 'ops-1', reason: 'closed', at: '2026-11-20T10:00:00Z' },
    }
    const { told, services } = closing({
      BeginCancellation: () => ({ ...begun, decided: { resolutions: [elsewhere] } }),
    })
    const { world, result } = await play(services)
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ closes: { step: 'refund', round: 1 }, decision: 'refund-elsewhere' }])
    expect(world.asked.slice(world.asked.indexOf('CloseRound'), -2)).toEqual(['CloseRound', 'RefundOrder 2'])
  })
})

test('a decision that an earlier run made, and a reset one does not know of, counts in place of a later one', async () => {
  const before: Resolution = {
    ...{ step: 'refund', direction: 'do', round: 1, decision: 'refund-elsewhere', to: 'store-credit' },
    ...{ by: 'ops-1', reason: 'her card is gone', at: '2026-11-20T10:00:00Z' },
  }
  const { told, services } = closing({
    RefundOrder: ({ data: { round } }) => (round === 1 ? stepFailed : willing.RefundOrder()),
    RecordCancellation: ({ data: { record } }) => ({
      type: 'CancellationRecorded',
      ...(record.what === 'resolved' ? { resolutions: [before] } : {}),
    }),
  })
  const { world, result } = await play(services, async (saga) => {
    await parksAt(saga, 'refund')
    expect(await resolve(saga, 'skip')).toMatchObject({ accepted: false, code: 'already-decided' })
  })
  expect(result.outcome).toBe('cancelled')
  expect(told).toMatchObject([{ decision: 'refund-elsewhere' }])
  expect(world.asked).toContain('RefundOrder 2')
})

describe('what an earlier run has recorded, and a reset one has not heard of,', () => {
  const skipped: Resolution = {
    ...{ step: 'refund', direction: 'do', round: 1, decision: 'skip', settled: [{ amount: 3351 }] },
    ...{ by: 'ops-1', reason: 'given in cash', at: '2026-11-20T10:00:00Z' },
  }
  const at = '2026-11-20T10:00:01Z'

  test('is told to payment at the end, though the refund went through meanwhile', async () => {
    const { told, services } = closing({
      ConfirmCancellation: () => ({ type: 'OrderCancelled', at, resolutions: [skipped] }),
    })
    const { world, result } = await play(services)
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([
      { closes: { step: 'refund', round: 1 }, decision: 'skip', settled: [{ amount: 3351 }] },
    ])
    expect(world.asked.slice(-2)).toEqual(['ConfirmCancellation', 'CloseRound'])
  })

  test('is told to payment also by a run that only finds that all has ended', async () => {
    const { told, services } = closing({
      BeginCancellation: () => ({
        type: 'AlreadyEnded',
        outcome: 'cancelled',
        stage: 'closed',
        resolutions: [skipped],
      }),
    })
    const { result } = await play(services)
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ decision: 'skip' }])
  })

  test('is not told again by the run that told it', async () => {
    const { told, services } = closing({
      RefundOrder: () => stepFailed,
      RecordCancellation: ({ data: { record } }) => ({
        type: 'CancellationRecorded',
        ...(record.what === 'resolved' ? { resolutions: [skipped] } : {}),
      }),
      ConfirmCancellation: () => ({ type: 'OrderCancelled', at, resolutions: [skipped] }),
    })
    await play(services, async (saga, world) => {
      await parks(saga, 'step-failed', world)
      await resolve(saga, 'skip')
    })
    expect(told).toHaveLength(1)
  })

  test('is heard of with the alarm, and nobody is asked again', async () => {
    const { told, services } = closing({
      RefundOrder: () => stepFailed,
      RecordCancellation: () => ({ type: 'CancellationRecorded', resolutions: [skipped] }),
    })
    const { world, result } = await play(services)
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ decision: 'skip' }])
    expect(recorded(world)).toEqual(['needs-attention'])
  })

  test('is heard of where it is parked, when another step is written about, and nobody is asked again', async () => {
    const stop: Resolution = {
      ...{ step: 'stop-parcels', direction: 'do', round: 1, decision: 'skip' },
      ...{ by: 'ops-1', reason: 'her neighbour has it', at: '2026-11-20T10:00:00Z' },
    }
    const { told, services } = closing({
      StopShipment: () => stepFailed,
      SetStockAside: ({ data: { round } }) => (round === 1 ? stepFailed : willing.SetStockAside()),
      RecordCancellation: ({ data: { record } }) => ({
        type: 'CancellationRecorded',
        ...(record.what === 'resolved' ? { resolutions: [stop] } : {}),
      }),
    })
    const { world, result } = await play(services, async (saga) => {
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).parked).toHaveLength(2))
      await decide(saga, { decision: 'retry', step: 'set-stock-aside' })
    })
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([{ closes: { step: 'stop-parcels', round: 1 }, decision: 'skip' }])
    expect(recorded(world).filter((what) => what === 'resolved')).toHaveLength(1)
  })

  test('is told decision by decision, though two are about one round', async () => {
    const other: Resolution = { ...skipped, settled: [{ tenderId: 't1', amount: 351 }], at: '2026-11-20T10:00:05Z' }
    const { told, services } = closing({
      BeginCancellation: () => ({ ...begun, decided: { resolutions: [skipped, other] } }),
    })
    const { result } = await play(services)
    expect(result.outcome).toBe('cancelled')
    expect(told).toMatchObject([
      { key: 'refund-do-1', settled: skipped.settled },
      { key: 'refund-do-1.2', settled: other.settled },
    ])
  })

  test('may be that a step was tried again while it is asked: then its next round is, and nobody', async () => {
    const { settled: _, ...said } = skipped
    const again: Resolution = { ...said, step: 'set-stock-aside', decision: 'retry' }
    let alarm = () => {}
    const alarmed = new Promise<void>((resolve) => {
      alarm = resolve
    })
    const { world, result } = await play(
      {
        StopShipment: () => stepFailed,
        SetStockAside: ({ data: { round } }) =>
          round === 1 ? alarmed.then(() => stepFailed) : willing.SetStockAside(),
        RecordCancellation: () => {
          alarm()
          return { type: 'CancellationRecorded', resolutions: [again] }
        },
      },
      async (saga, world) => {
        await asks(world, 'SetStockAside 2')
        await resolve(saga, 'skip')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(recorded(world).filter((what) => what === 'resolved')).toHaveLength(1)
  })
})

describe('refund-elsewhere', () => {
  test('belongs to the round that it opened: a retry after a lost answer looks where the money is', async () => {
    const asked: (string | undefined)[] = []
    const { result } = await play(
      {
        RefundOrder: ({ data: { round, elsewhere } }) => {
          asked[round] = elsewhere
          if (round === 1)
            return stuck('refund-refused-after-pivot', of('t1', 2000, 'succeeded'), of('t2', 1351, 'failed'))
          return round === 2 ? { ...stepFailed, moneyInDoubt: true } : willing.RefundOrder()
        },
      },
      async (saga, world) => {
        await parks(saga, 'refund-refused-after-pivot', world)
        await resolve(saga, 'refund-elsewhere', 'store-credit')
        await parks(saga, 'refund-in-doubt', world)
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(asked.slice(1)).toEqual([undefined, 'store-credit', undefined])
  })

  test.each([
    ['no money has moved', stepFailed],
    ['the command could not be read', { type: 'CommandRejected', deadLetterId: 'x:0:1', reason: 'x' } as const],
  ])('is offered also when %s', async (_, answer) => {
    await play(
      { RefundOrder: ({ data: { round } }) => (round === 1 ? answer : willing.RefundOrder()) },
      async (saga, world) => {
        const attention = await parks(saga, 'step-failed', world)
        expect(attention?.remedies).toEqual(['retry', 'skip', 'refund-elsewhere', 'undo'])
        await resolve(saga, 'refund-elsewhere', 'store-credit')
      },
    )
  })
})

describe('after a skipped refund', () => {
  /** Payment as it is: it fails until it is forbidden, and is undone then; the order service keeps what was decided. */
  const honest = (world: () => World) => {
    let forbidden = false
    const isSkipped = () =>
      world().records.some(({ record }) => record.what === 'resolved' && record.decision === 'skip')
    return {
      RefundOrder: () => (forbidden ? ({ type: 'Undone' } as const) : stepFailed),
      ForbidRefund: () => {
        forbidden = true
        return { type: 'NothingMoved' } as const
      },
      RecordCancellation: ({ data }) =>
        data.record.what === 'turning-back' && isSkipped() ? { type: 'TurnTooLate' } : { type: 'CancellationRecorded' },
    } satisfies Partial<Services>
  }

  test('a wish to turn back is too late at once, and the history stays still', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let known: World | undefined
    const { world, result } = await play(
      {
        ...honest(() => known as World),
        ReturnStockToSale: async () => {
          await released
          return willing.ReturnStockToSale()
        },
      },
      async (saga, world) => {
        known = world
        await parks(saga, 'step-failed', world)
        await resolve(saga, 'skip')
        await asks(world, 'ReturnStockToSale')
        const answer = await saga.executeUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }] })
        expect(answer).toMatchObject({ accepted: false, code: 'too-late' })
        const { historyLength } = await saga.describe()
        expect(historyLength).toBeLessThan(150)
        release()
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).not.toContain('ForbidRefund')
    expect(recorded(world)).not.toContain('turning-back')
  })
})

describe('a decision about one of several', () => {
  const bothFail: Partial<Services> = {
    StopShipment: ({ data: { round } }) => (round === 1 ? stepFailed : willing.StopShipment()),
    SetStockAside: ({ data: { round } }) => (round === 1 ? stepFailed : willing.SetStockAside()),
  }

  test('is about the step that it names, and no other', async () => {
    const { world, result } = await play(bothFail, async (saga) => {
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).parked).toHaveLength(2))
      const { parked = [] } = await saga.query(statusQuery)
      const [first, second] = parked
      if (first === undefined || second === undefined) throw new Error('expected two')
      const looked = { step: first.step, direction: first.direction, round: first.round }
      await decide(saga, { decision: 'skip', ...looked })
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).attention?.step).toBe(second.step))
      expect(await refused(saga, { decision: 'skip', ...looked })).toContain(`(${second.step}-do-1)`)
      await decide(saga, { decision: 'retry', step: second.step })
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.records.filter(({ record }) => record.what === 'resolved')).toHaveLength(2)
  })

  test('may be about the one that is not shown first, and is refused for another round', async () => {
    await play(bothFail, async (saga) => {
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).parked).toHaveLength(2))
      const { attention, parked = [] } = await saga.query(statusQuery)
      const other = parked.find(({ step }) => step !== attention?.step)
      expect(await refused(saga, { decision: 'retry', step: other?.step ?? '', round: 2 })).toContain('look again')
      await decide(saga, { decision: 'retry', step: other?.step ?? '' })
      await eventuallyHolds(async () => expect((await saga.query(statusQuery)).parked).toBeUndefined())
      expect((await saga.query(statusQuery)).attention?.step).toBe(attention?.step)
      await decide(saga, { decision: 'retry' })
    })
  })
})
