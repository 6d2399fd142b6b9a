import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client, type Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { requested, type SagaHandle } from '../../testing/laboratory.ts'
import { waitsFor } from '../../testing/play.ts'
import { begun, createWorld } from '../../testing/world.ts'
import { decidedSignal, workflowType } from '../protocol/inputs.ts'
import { connectTemporal } from '../temporal/connect.ts'
import type { cancelOrder } from './cancel-order.ts'

/** A saga may wait for weeks: it is begun by one version of the code and ended by another. */

const versions = {
  today: './workflows.ts',
  compatible: '../../testing/versions/compatible.ts',
  unpatched: '../../testing/versions/unpatched.ts',
  patched: '../../testing/versions/patched.ts',
} as const
type Version = keyof typeof versions
type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>

const bundles = new Map<Version, Bundle>()
const bundleOf = async (version: Version): Promise<Bundle> => {
  const workflowsPath = fileURLToPath(new URL(versions[version], import.meta.url))
  const bundle =
    bundles.get(version) ?? (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }))
  bundles.set(version, bundle)
  return bundle
}

let connection: Connection
let native: NativeConnection
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
  const address = inject('stack').temporalAddress
  connection = await connectTemporal({ address })
  native = await NativeConnection.connect({ address })
})
afterAll(async () => {
  await native.close()
  await connection.close()
})

/** The services, a task queue, and workers of any version on it. */
const open = () => {
  const told: string[] = []
  const decideBy = new Date(Date.now() + 3_600_000).toISOString()
  const approval = { needed: true, decideBy, onSilence: 'reject' } as const
  const world = createWorld({ BeginCancellation: () => ({ ...begun, approval }) }, 'completed-from-outside')
  const activities = { ...world.activities, tellWarehouse: async (orderId: string) => void told.push(orderId) }
  const taskQueue = `deployment-${randomUUID()}`
  const during = async <T>(version: Version, script: () => Promise<T>): Promise<T> => {
    const workflowBundle = await bundleOf(version)
    // A worker that is gone keeps the tasks of cached runs for ten seconds.
    const options = { connection: native, taskQueue, workflowBundle, activities, maxCachedWorkflows: 0 }
    const worker = await Worker.create(options)
    return worker.runUntil(script)
  }
  const start = (): Promise<SagaHandle> =>
    new Client({ connection }).workflow.start<typeof cancelOrder>(workflowType, {
      ...{ workflowId: `${taskQueue}-${randomUUID()}`, taskQueue, args: [requested] },
    })
  return { world, told, during, start }
}

const approve = async (saga: SagaHandle) => {
  const at = new Date().toISOString()
  await saga.signal(decidedSignal, { inputId: 'event-1', decision: 'approve', by: 'mer-3', at })
  return saga.result()
}

describe('a saga that waits for its merchant while the code changes', () => {
  test.each(['compatible', 'patched'] as const)('goes on with a %s version, as it was begun', async (version) => {
    const { told, during, start } = open()
    const saga = await during('today', async () => {
      const begun = await start()
      await waitsFor(begun, "the merchant's decision")
      return begun
    })
    expect(await during(version, () => approve(saga))).toMatchObject({ outcome: 'cancelled' })
    expect(told).toEqual([])
  })

  test('a saga that begins after the deployment takes the new step', async () => {
    const { told, during, start } = open()
    const result = await during('patched', async () => {
      const saga = await start()
      await waitsFor(saga, "the merchant's decision")
      return approve(saga)
    })
    expect(result).toMatchObject({ outcome: 'cancelled' })
    expect(told).toEqual(['ord-1'])
  })
})

describe('a history that was recorded before the change', () => {
  const replay = async (version: Version) => {
    const path = fileURLToPath(new URL('../../histories/merchant-approves.json', import.meta.url))
    const workflowBundle = await bundleOf(version)
    await Worker.runReplayHistory({ workflowBundle }, JSON.parse(await readFile(path, 'utf8')))
  }

  test.each(['today', 'compatible', 'patched'] as const)('is followed by the version: %s', async (version) => {
    await replay(version)
  })

  test('is not followed by a version whose new step has no patch: such a deployment is stopped here', async () => {
    await expect(replay('unpatched')).rejects.toThrow(/[Nn]ondeterminism/)
  })
})
