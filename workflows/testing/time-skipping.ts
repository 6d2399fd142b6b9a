import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fetchTestServer } from '@countermand/tools/stack/fetch.ts'
import { Client, type WorkflowHandle } from '@temporalio/client'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { attributes } from '../src/attributes.ts'
import type { cancelOrder } from '../src/cancel-order.ts'
import { type SagaInput, taskQueue } from '../src/inputs.ts'
import { request, type World } from './world.ts'

export type SagaHandle = WorkflowHandle<typeof cancelOrder>

/** Temporal's test server, whose clock is moved by hand, and one bundle of the workflow for all tests of a file. */
export interface Laboratory {
  /** Runs one saga in a world until `script` has returned. */
  run<T>(world: World, script: (saga: SagaHandle) => Promise<T>, input?: SagaInput): Promise<T>
  /** Lets time pass, e.g. `20 days`; what falls due in it happens. */
  pass(duration: `${number} ${'seconds' | 'minutes' | 'hours' | 'days'}`): Promise<void>
  /** The server's clock, in ms since 1970. */
  now(): Promise<number>
  close(): Promise<void>
}

/** Temporal's numbers for the types (`temporal.api.enums.v1.IndexedValueType`). */
const typeNumbers = { KEYWORD: 2, BOOL: 5 } as const
const attributeTypes = Object.fromEntries(
  Object.values(attributes).map(({ name, type }) => [name, type === 'BOOL' ? typeNumbers.BOOL : typeNumbers.KEYWORD]),
)

export const requested: SagaInput = {
  orderId: request.orderId,
  requestId: request.requestId,
  requested: { request, digest: 'digest-1' },
}

/** Waits, in real time, until the check holds. Throws what it last did when that takes over 10 s. */
export const eventually = async <T>(check: () => Promise<T> | T): Promise<T> => {
  const deadline = performance.now() + 10_000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(20)
    }
  }
}

export const openLaboratory = async (): Promise<Laboratory> => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  })
  const path = await fetchTestServer({ env: process.env, log: () => {} })
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  })
  const { connection, nativeConnection } = environment
  await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: attributeTypes })
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../src/cancel-order.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  })
  // The environment's own client skips time while a workflow task is on its way, up to the end of the run's ten years.
  const client = new Client({ connection })
  let runs = 0
  return {
    run: async (world, script, input = requested) => {
      const queue = `${taskQueue}-${++runs}`
      const { activities } = world
      const worker = await Worker.create({ connection: nativeConnection, workflowBundle, taskQueue: queue, activities })
      return worker.runUntil(async () => {
        const options = { args: [input] as [SagaInput], workflowId: `saga-${runs}`, taskQueue: queue }
        return script(await client.workflow.start<typeof cancelOrder>('cancelOrder', options))
      })
    },
    pass: (duration) => environment.sleep(duration),
    now: () => environment.currentTimeMs(),
    close: () => environment.teardown(),
  }
}
