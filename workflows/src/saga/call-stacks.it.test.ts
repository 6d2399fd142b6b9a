import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promiseHooks } from 'node:v8'
import { Client, type Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { requested } from '../../testing/laboratory.ts'
import { createWorld } from '../../testing/world.ts'
import { workflowType } from '../protocol/inputs.ts'
import { workflowBundle } from '../temporal/bundle.ts'
import { connectTemporal } from '../temporal/connect.ts'

const { temporalAddress: address } = inject('stack')
let bundle: { readonly codePath: string }
let connection: Connection
let native: NativeConnection

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  bundle = await workflowBundle(join(tmpdir(), `call-stacks-${process.pid}`), new DefaultLogger('ERROR'))
  connection = await connectTemporal({ address })
  native = await NativeConnection.connect({ address })
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await native.close()
  await connection.close()
})

/** What Temporal's UI asks for the page "Call Stack" of a saga that waits. */
const stackOfWaitingSaga = async (): Promise<string> => {
  const asked = Promise.withResolvers<void>()
  const world = createWorld(
    {
      BeginCancellation: () => {
        asked.resolve()
        return 'later'
      },
    },
    'completed-from-outside',
  )
  const taskQueue = `call-stacks-${randomUUID()}`
  const worker = await Worker.create({
    ...{ connection: native, taskQueue, workflowBundle: bundle },
    activities: world.activities,
  })
  return worker.runUntil(async () => {
    const { workflow } = new Client({ connection })
    const saga = await workflow.start(workflowType, { taskQueue, workflowId: taskQueue, args: [requested] })
    await asked.promise
    return await saga.query<string>('__stack_trace').finally(() => saga.terminate('the test is over'))
  })
}

test('a saga has no call stack as it comes, and says so', async () => {
  await expect(stackOfWaitingSaga()).rejects.toThrow('stack traces are not enabled')
})

test('CALL_STACKS=on brings the page back', async () => {
  vi.stubEnv('CALL_STACKS', 'on')
  expect(await stackOfWaitingSaga()).toContain('cancel-order.ts')
})

test('others who follow promises go on', async () => {
  let seen = 0
  const stop = promiseHooks.onInit(() => (seen += 1))
  const storage = new AsyncLocalStorage<string>()
  await storage.run('kept', async () => {
    await expect(stackOfWaitingSaga()).rejects.toThrow('stack traces are not enabled')
    expect(storage.getStore()).toBe('kept')
  })
  const before = seen
  await Promise.resolve().then(() => {})
  stop()
  expect(seen).toBeGreaterThan(before)
})
