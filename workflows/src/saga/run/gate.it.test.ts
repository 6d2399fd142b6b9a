import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested } from '../../../testing/laboratory.ts'
import { backFrom, day, needsApproval, playIn, recorded, waitsFor } from '../../../testing/play.ts'
import { begun, roadBack, type Services, type World } from '../../../testing/world.ts'
import { decidedSignal, decideUpdate, requestedSignal, withdrawUpdate } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
const merchant = (onSilence: 'approve' | 'reject', within?: number) =>
  needsApproval(() => laboratory, onSilence, within)
const now = async () => new Date(await laboratory.now()).toISOString()
const decision = async (decision: 'approve' | 'reject', at?: string) => ({
  inputId: `event-${decision}`,
  decision,
  by: 'mer-3',
  at: at ?? (await now()),
})
const rejections = (world: World) =>
  world.records.flatMap(({ record }) => (record.what === 'input-rejected' ? [`${record.input}: ${record.code}`] : []))

test('what is not handed over stays until the merchant approves, and the approval is recorded before it is acted on', async () => {
  const { world, result } = await play(merchant('reject'), async (saga, world) => {
    await waitsFor(saga, "the merchant's decision")
    await eventuallyHolds(() => expect(recorded(world)).toEqual(['awaiting-merchant']))
    expect(world.asked).toEqual(['BeginCancellation', 'PauseFulfilment'])
    expect(await saga.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'mer-3' }] })).toEqual({
      accepted: true,
    })
  })
  expect(result.outcome).toBe('cancelled')
  expect(recorded(world)).toEqual(['awaiting-merchant', 'decided'])
})

test('a merchant who rejects has it all taken back', async () => {
  const { world, result } = await play(merchant('approve'), async (saga) => {
    await waitsFor(saga, "the merchant's decision")
    await saga.signal(decidedSignal, await decision('reject'))
  })
  expect(result).toEqual({ outcome: 'refused', code: 'merchant-rejected', stage: 'confirming' })
  expect(backFrom(world)).toEqual(roadBack)
  expect(world.abandoned[0]).toMatchObject({ by: 'mer-3' })
})

test.each([
  ['approve', { outcome: 'cancelled' }, []],
  ['reject', { outcome: 'refused', code: 'merchant-silent' }, ['turning-back']],
] as const)('once the deadline has passed in silence policy says %s', async (onSilence, end, then) => {
  const { world, result } = await play(merchant(onSilence, 2_000), async (_, world) => {
    await eventuallyHolds(() => expect(recorded(world)).toEqual(['awaiting-merchant']))
  })
  expect(result).toMatchObject(end)
  expect(recorded(world)).toEqual(['awaiting-merchant', 'decided', ...then])
})

test('a decision that comes before the gate is kept for it', async () => {
  const { world, result } = await play(
    merchant('approve'),
    async (saga) => {
      await saga.signal(decidedSignal, await decision('reject'))
      await saga.signal(requestedSignal, requested.requested ?? expect.unreachable())
    },
    { orderId: requested.orderId, requestId: requested.requestId },
  )
  expect(result.code).toBe('merchant-rejected')
  expect(rejections(world)).toEqual([])
})

test('a decision that was made and heard after the deadline does not count, and is answered; one made in time still does', async () => {
  const soon = needsApproval(() => laboratory, 'reject', 500)
  const before = await now()
  const { world, result } = await play(soon, async (saga, world) => {
    await waitsFor(saga, "the merchant's decision")
    const deadline = (await laboratory.now()) + 500
    await eventuallyHolds(() => expect(Date.now()).toBeGreaterThan(deadline))
    await saga.signal(decidedSignal, await decision('reject'))
    await eventuallyHolds(() => expect(rejections(world)).toEqual(['decide: too-late']))
    await saga.signal(decidedSignal, await decision('approve', before))
  })
  expect(result.outcome).toBe('cancelled')
  expect(rejections(world)).toEqual(['decide: too-late'])
})

test("a decision that arrives in time counts, however far its sender's clock is ahead", async () => {
  const { world, result } = await play(merchant('approve'), async (saga) => {
    await waitsFor(saga, "the merchant's decision")
    await saga.signal(decidedSignal, await decision('reject', '2099-01-01T00:00:00Z'))
  })
  expect(result.code).toBe('merchant-rejected')
  expect(rejections(world)).toEqual([])
  const [{ at } = expect.unreachable()] = world.records.flatMap(({ record }) =>
    record.what === 'decided' ? [record] : [],
  )
  expect(Date.parse(at)).toBeLessThanOrEqual(Date.now())
})

test('a decision that arrived in time counts, though the saga hears of it after the deadline', async () => {
  const soon = needsApproval(() => laboratory, 'approve', 500)
  const arrivedAt = await now()
  const { result } = await play(soon, async (saga) => {
    await waitsFor(saga, "the merchant's decision")
    const deadline = (await laboratory.now()) + 500
    await eventuallyHolds(() => expect(Date.now()).toBeGreaterThan(deadline))
    await saga.signal(decidedSignal, { ...(await decision('reject', '2099-01-01T00:00:00Z')), arrivedAt })
  })
  expect(result.code).toBe('merchant-rejected')
})

test('a decision nobody asked for changes nothing, and is answered', async () => {
  const { world, result } = await play({}, async (saga) => {
    await saga.signal(decidedSignal, await decision('reject'))
  })
  expect(result.outcome).toBe('cancelled')
  expect(rejections(world)).toEqual(['decide: already-decided'])
})

test('what an earlier run recorded is not asked again', async () => {
  const approval = { decision: 'reject', by: 'mer-3', at: '2026-11-20T12:00:00Z' } as const
  const { world, result } = await play({
    BeginCancellation: () => ({
      ...begun,
      approval: { needed: true, decideBy: '2026-11-21T12:00:00Z', onSilence: 'approve' },
      decided: { approval, resolutions: [] },
    }),
  })
  expect(result.code).toBe('merchant-rejected')
  expect(recorded(world)).toEqual(['turning-back'])
})

test('a decision of somebody whom the order service does not name changes nothing, and is answered; by hand it counts', async () => {
  const named: Partial<Services> = {
    BeginCancellation: () => {
      const decideBy = new Date(Date.now() + day).toISOString()
      return { ...begun, approval: { needed: true, decideBy, onSilence: 'approve', from: ['mer-7'] } }
    },
  }
  const { world, result } = await play(named, async (saga, world) => {
    await waitsFor(saga, "the merchant's decision")
    await saga.signal(decidedSignal, await decision('approve'))
    await eventuallyHolds(() => expect(rejections(world)).toEqual(['decide: not-allowed']))
    await saga.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ana' }] })
  })
  expect(result.code).toBe('merchant-rejected')
  expect(recorded(world)).toEqual(['awaiting-merchant', 'input-rejected', 'decided', 'turning-back'])
})

test('whoever decides by hand is recorded, and public is only for whom they did', async () => {
  const rejectBy = async (input: { readonly by: string; readonly onBehalfOf?: string }) => {
    const { world } = await play(merchant('approve'), async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      await saga.executeUpdate(decideUpdate, { args: [{ decision: 'reject', ...input }] })
    })
    const kept = world.records.flatMap(({ record }) => (record.what === 'decided' ? [record] : []))
    return { kept, published: world.abandoned }
  }
  const forMerchant = await rejectBy({ by: 'ann', onBehalfOf: 'mer-3' })
  expect(forMerchant.kept).toMatchObject([{ by: 'mer-3', operator: 'ann' }])
  expect(forMerchant.published).toMatchObject([{ by: 'mer-3' }])
  expect(JSON.stringify(forMerchant.published)).not.toContain('ann')
  const alone = await rejectBy({ by: 'ann' })
  expect(alone.kept).toMatchObject([{ by: 'operator', operator: 'ann' }])
  expect(alone.published).toMatchObject([{ by: 'operator' }])
  const own = await rejectBy({ by: begun.merchantId })
  expect(own.kept).toMatchObject([{ by: begun.merchantId }])
  expect(own.kept[0]).not.toHaveProperty('operator')
})

test('whoever takes a request back by hand is recorded, and public is only for whom they did', async () => {
  const withdrawnBy = async (input: { readonly by: string; readonly onBehalfOf?: string }) => {
    const { world } = await play(merchant('approve'), async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      await saga.executeUpdate(withdrawUpdate, { args: [input] })
    })
    const kept = world.records.flatMap(({ record }) => (record.what === 'turning-back' ? [record] : []))
    return { kept, published: world.abandoned }
  }
  const forCustomer = await withdrawnBy({ by: 'ann', onBehalfOf: 'cus-7' })
  expect(forCustomer.kept).toMatchObject([{ by: 'cus-7', operator: 'ann' }])
  expect(forCustomer.published).toMatchObject([{ by: 'cus-7' }])
  expect((await withdrawnBy({ by: 'ann' })).kept).toMatchObject([{ by: 'operator', operator: 'ann' }])
  expect((await withdrawnBy({ by: 'cus-7' })).kept).toMatchObject([{ by: 'cus-7' }])
})

test('a decision about a request that never comes is told so when its run has waited long enough, and the run ends', async () => {
  const { orderId, requestId } = requested
  const { world, result } = await play({}, async (saga) => saga.signal(decidedSignal, await decision('reject')), {
    ...{ orderId, requestId, patienceMs: 300 },
  })
  expect(result).toMatchObject({ rejected: 'unknown-request' })
  expect(rejections(world)).toEqual(['decide: unknown-request'])
  expect(world.asked).toEqual([])
})
