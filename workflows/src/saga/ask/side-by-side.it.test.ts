import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested, type SagaHandle } from '../../../testing/laboratory.ts'
import { playIn } from '../../../testing/play.ts'
import { savedBundle } from '../../../testing/saved-bundle.ts'
import { stepFailed, willing } from '../../../testing/world.ts'
import { sagaInput, statusQuery } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
const input = sagaInput(requested, 'adaptive', requested.requested)

const parcels = {
  yes: willing.StopShipment(),
  no: { type: 'InterceptFailed', shipments: [], message: 'no' },
  failed: stepFailed,
  pending: { type: 'StepPending' },
} satisfies Record<string, Answer>
const stock = {
  yes: willing.SetStockAside(),
  no: { type: 'ReservationNotFound', message: 'no' },
  failed: stepFailed,
} satisfies Record<string, Answer>

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] => Object.keys(table) as Key[]

const cases = keysOf(parcels).flatMap((parcel) =>
  keysOf(stock).flatMap((goods) => ['parcels', 'stock'].map((first) => ({ parcel, goods, first }))),
)

/** Until it has ended, or waits for somebody. */
const hasStopped = (saga: SagaHandle) =>
  eventuallyHolds(async () => {
    const { status } = await saga.describe()
    if (status.name === 'COMPLETED') return
    const { waitingFor, attention } = await saga.query(statusQuery)
    expect(waitingFor ?? attention).toBeDefined()
  })

test.concurrent.each(cases)('parcels: $parcel, stock: $goods, the $first first', async ({ parcel, goods, first }) => {
  const late = <Given>(answer: Given, isLate: boolean) => (isLate ? sleep(40).then(() => answer) : answer)
  const world = {
    StopShipment: ({ final }: { final: boolean }) =>
      final ? ('later' as const) : late(parcels[parcel], first === 'stock'),
    SetStockAside: () => late(stock[goods], first === 'parcels'),
  }
  await play(
    world,
    async (saga) => {
      await hasStopped(saga)
      await Worker.runReplayHistory({ workflowBundle: await savedBundle() }, await saga.fetchHistory())
      if ((await saga.describe()).status.name === 'RUNNING') await saga.terminate()
    },
    input,
  ).catch((error: unknown) => {
    if (!String(error).includes('terminated')) throw error
  })
})
