import type { AnswerTo, CommandData } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { WorkflowUpdateFailedError } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory } from '../../../testing/laboratory.ts'
import { backFrom, parks, playIn, recorded, resolve } from '../../../testing/play.ts'
import { begun, roadBack, type Services, stepFailed, tender, willing } from '../../../testing/world.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)

/** Services of which one fails technically in the first round, for ever, and works in the second. */
const failingOnce = (
  name: 'PauseFulfilment' | 'StopShipment' | 'SetStockAside' | 'ReturnStockToSale' | 'ReserveAgain' | 'ResumeShipment',
): Partial<Services> => ({
  [name]: ({ data: { round } }: { data: { round: number } }) => (round === 1 ? stepFailed : willing[name]()),
})

describe('a step that fails technically', () => {
  const forward = ['StopShipment', 'SetStockAside', 'ReturnStockToSale'] as const

  test.each(forward)('%s takes nothing back by itself, and is done when a person has it retried', async (name) => {
    const { world, result } = await play(failingOnce(name), async (saga, world) => {
      const attention = await parks(saga, 'step-failed', world)
      expect(attention).toMatchObject({ error: 'the carrier does not answer (after 20 attempts)', round: 1 })
      expect(world.asked).not.toContain('ForbidRefund')
      await resolve(saga, 'retry')
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).toContain(`${name} 2`)
    expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
  })

  test.each(forward)('%s is left out when a person says so', async (name) => {
    const { world, result } = await play(failingOnce(name), async (saga, world) => {
      await parks(saga, 'step-failed', world)
      await resolve(saga, 'skip')
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).not.toContain(`${name} 2`)
  })

  test('before the pivot a person may have everything taken back', async () => {
    const { world, result } = await play(failingOnce('StopShipment'), async (saga, world) => {
      await parks(saga, 'step-failed', world)
      expect(await resolve(saga, 'undo')).toEqual({ accepted: true })
    })
    expect(result.outcome).toBe('compensated')
    expect(backFrom(world)).toEqual(roadBack)
    // Who decided, and why, is kept; the public hears that a person did.
    expect(world.abandoned[0]).toMatchObject({ code: 'turned-back-by-operator', by: 'operator' })
    expect(JSON.stringify(world.abandoned)).not.toMatch(/ops-1|looked into it/)
    expect(world.records.find(({ record }) => record.what === 'resolved')?.record).toMatchObject({
      ...{ by: 'ops-1', reason: 'looked into it' },
    })
  })

  test('payment may say that it is too late to undo: the saga stays parked', async () => {
    const { world, result } = await play(
      { ...failingOnce('StopShipment'), ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('pending')] }) },
      async (saga, world) => {
        await parks(saga, 'step-failed', world)
        expect(await resolve(saga, 'undo')).toMatchObject({ accepted: false, code: 'too-late' })
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(recorded(world)).toEqual(['needs-attention', 'resolved', 'resolved'])
  })

  test('a command that could not be read parks at once', async () => {
    const { result } = await play(
      {
        SetStockAside: ({ data: { round } }) =>
          round === 1
            ? { type: 'CommandRejected', deadLetterId: 'x:0:1', reason: 'no lines' }
            : willing.SetStockAside(),
      },
      async (saga, world) => {
        expect((await parks(saga, 'step-failed', world))?.error).toContain('no lines')
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
  })

  test('what somebody has completed a step with by hand is taken for no answer: it parks, and goes on by a retry', async () => {
    const { result } = await play(
      { SetStockAside: ({ data: { round } }) => (round === 1 ? 'later' : willing.SetStockAside()) },
      async (saga, world) => {
        const { client, workflowId } = { client: laboratory.client, workflowId: saga.workflowId }
        await eventuallyHolds(() => client.activity.complete({ workflowId, activityId: 'set-stock-aside-do-1' }, {}))
        expect((await parks(saga, 'step-failed', world))?.error).toContain('expected an answer to SetStockAside')
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
  })

  test('a person who decided in an earlier run is not asked again, nor is the step that they let go, and its service is told', async () => {
    const decided = {
      step: 'stop-parcels',
      direction: 'do',
      by: 'ops-1',
      reason: 'x',
      at: '2026-11-20T10:00:00Z',
    } as const
    const { world, result } = await play({
      BeginCancellation: () => ({
        ...begun,
        decided: {
          resolutions: [
            { ...decided, round: 1, decision: 'retry' },
            { ...decided, round: 2, decision: 'skip' },
          ],
        },
      }),
      StopShipment: () => stepFailed,
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked.filter((each) => /StopShipment|CloseRound/.test(each))).toEqual(['CloseRound'])
    expect(recorded(world)).toEqual([])
  })
})

describe('an undo that fails', () => {
  const refused: Partial<Services> = {
    RefundOrder: () => ({ type: 'RefundRefused', tenders: [tender('failed')], message: 'no' }),
  }
  test.each(['ReserveAgain', 'ResumeShipment'] as const)(
    '%s parks, and the road back goes on after a retry',
    async (name) => {
      const { world, result } = await play({ ...refused, ...failingOnce(name) }, async (saga, world) => {
        expect((await parks(saga, 'undo-failed', world))?.remedies).toEqual(['retry', 'skip'])
        await resolve(saga, 'retry')
      })
      expect(result).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
      expect(backFrom(world)).toContain(`${name} 2`)
      expect(backFrom(world).at(-1)).toBe('AbandonCancellation')
    },
  )

  test('the release of the order cannot be left out', async () => {
    const { result } = await play(
      {
        ...refused,
        AbandonCancellation: (asked) => (asked.data.round === 1 ? stepFailed : willing.AbandonCancellation(asked)),
      },
      async (saga, world) => {
        await parks(saga, 'undo-failed', world)
        await expect(resolve(saga, 'skip')).rejects.toThrow(WorkflowUpdateFailedError)
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('compensated')
  })
})

describe('a refund that cannot go on', () => {
  const stuck = (reason: 'refund-refused-after-pivot' | 'refund-overdue'): AnswerTo<'RefundOrder'> => ({
    type: 'RefundStuck',
    reason,
    tenders: [tender('failed'), { ...tender('succeeded'), tenderId: 't2' }],
    message: 'one tender was refused',
  })

  test('goes elsewhere when a person says where', async () => {
    const rounds: CommandData<'RefundOrder'>[] = []
    const { result } = await play(
      {
        RefundOrder: ({ data }) => {
          rounds.push(data)
          return data.round === 1 ? stuck('refund-refused-after-pivot') : willing.RefundOrder()
        },
      },
      async (saga, world) => {
        const attention = await parks(saga, 'refund-refused-after-pivot', world)
        expect(attention?.remedies).toEqual(['retry', 'skip', 'refund-elsewhere'])
        await expect(resolve(saga, 'undo')).rejects.toThrow(WorkflowUpdateFailedError)
        await expect(resolve(saga, 'refund-elsewhere')).rejects.toThrow(WorkflowUpdateFailedError)
        await resolve(saga, 'refund-elsewhere', 'store-credit')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(rounds.map(({ round, elsewhere }) => [round, elsewhere])).toEqual([
      [1, undefined],
      [2, 'store-credit'],
    ])
  })

  test('does not forget where a person wanted it when that round was never heard of', async () => {
    const rounds: CommandData<'RefundOrder'>[] = []
    await play(
      {
        RefundOrder: ({ data }) => {
          rounds.push(data)
          if (data.round === 1) return stuck('refund-refused-after-pivot')
          return data.round === 2
            ? { type: 'CommandRejected', deadLetterId: 'x:0:1', reason: 'unreadable' }
            : willing.RefundOrder()
        },
      },
      async (saga, world) => {
        await parks(saga, 'refund-refused-after-pivot', world)
        await resolve(saga, 'refund-elsewhere', 'store-credit')
        await parks(saga, 'step-failed', world)
        await resolve(saga, 'retry')
      },
    )
    expect(rounds.map(({ round, elsewhere, chosen }) => [round, elsewhere, chosen])).toEqual([
      [1, undefined, undefined],
      [2, 'store-credit', undefined],
      [3, undefined, { round: 2, to: 'store-credit' }],
    ])
  })

  test('in doubt it goes nowhere else, and is not undone', async () => {
    const { result } = await play(
      {
        RefundOrder: ({ data: { round } }) =>
          round === 1 ? { ...stepFailed, moneyInDoubt: true } : willing.RefundOrder(),
      },
      async (saga, world) => {
        expect((await parks(saga, 'refund-in-doubt', world))?.remedies).toEqual(['retry', 'skip'])
        await resolve(saga, 'retry')
      },
    )
    expect(result.outcome).toBe('cancelled')
  })

  test('left as it is, the order is closed with what was refunded', async () => {
    const { result } = await play({ RefundOrder: () => stuck('refund-overdue') }, async (saga, world) => {
      await parks(saga, 'refund-overdue', world)
      await resolve(saga, 'skip')
    })
    expect(result).toMatchObject({ outcome: 'cancelled', refunds: [{ state: 'failed' }, { state: 'succeeded' }] })
  })
})

test('only what is parked can be resolved', async () => {
  const { result } = await play({}, async (saga) => {
    await expect(resolve(saga, 'retry')).rejects.toThrow()
  })
  expect(result.outcome).toBe('cancelled')
})
