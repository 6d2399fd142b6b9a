/**
 * Records the histories that `replay.test.ts` replays: `node workflows/testing/record-histories.ts`. Run it when a change of
 * the workflow is meant to be incompatible with runs that are open; otherwise the old histories must replay as they are.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { decidedSignal, withdrawnSignal } from '../src/inputs.ts'
import { openTimeMachine, type SagaHandle, type TimeMachine } from './laboratory.ts'
import { afterIn, asks, hour, needsApproval, parks, resolve, waitsFor } from './play.ts'
import { createWorld, type Services, stepFailed, tender, type World, willing } from './world.ts'

let laboratory: TimeMachine
const after = afterIn(() => laboratory)
const merchant = needsApproval(() => laboratory, 'reject')
const refused: Partial<Services> = {
  RefundOrder: () => ({ type: 'RefundRefused', tenders: [tender('failed')], message: 'no' }),
}
const failsOnce: Partial<Services> = {
  StopShipment: ({ data: { round } }) => (round === 1 ? stepFailed : willing.StopShipment()),
}
const carrierRefuses = after(3 * hour)

interface Scenario {
  readonly services: Partial<Services>
  readonly script?: (saga: SagaHandle, world: World) => Promise<unknown>
}

const scenarios: Readonly<Record<string, Scenario>> = {
  cancelled: { services: {} },
  'refund-refused': { services: refused },
  'intercept-refused-after-hours': {
    services: {
      StopShipment: ({ final }) =>
        final
          ? carrierRefuses({ type: 'InterceptFailed' as const, shipments: [], message: 'no' })
          : { type: 'StepPending' },
    },
    script: async (saga, world) => {
      await waitsFor(saga, 'Stop the parcels')
      await asks(world, 'SetStockAside')
      await laboratory.passToTheEnd(saga, '1 hours')
    },
  },
  'merchant-approves': {
    services: merchant,
    script: async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      const at = new Date(await laboratory.now()).toISOString()
      await saga.signal(decidedSignal, { inputId: 'event-1', decision: 'approve', by: 'mer-3', at })
    },
  },
  'withdrawn-at-the-gate': {
    services: merchant,
    script: async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      await saga.signal(withdrawnSignal, { inputId: 'event-1', by: 'cus-7' })
    },
  },
  'parked-and-retried': {
    services: failsOnce,
    script: async (saga, world) => {
      await parks(saga, 'step-failed', world)
      await resolve(saga, 'retry')
    },
  },
}

const folder = fileURLToPath(new URL('../histories/', import.meta.url))
await mkdir(folder, { recursive: true })
for (const [name, { services, script }] of Object.entries(scenarios)) {
  laboratory = await openTimeMachine()
  const world = createWorld(services, laboratory.whileOpen)
  await laboratory.run(world, async (saga) => {
    await script?.(saga, world)
    const { outcome } = await saga.result()
    const history = historyToJSON(await saga.fetchHistory())
    await writeFile(`${folder}${name}.json`, `${history}\n`)
    console.log(`${name}: ${outcome}`)
  })
  await laboratory.close()
}
