/**
 * An empty workflow on the same server, in a namespace of its own: the orchestrator's intake starts it with the same id, search
 * attributes, memo and summary as a saga; it ends at once.
 */
import { fileURLToPath } from 'node:url'
import { eventHeaders, topics } from '@countermand/contracts'
import { createIntake } from '@countermand/workflows/src/intake/intake.ts'
import { taskQueue } from '@countermand/workflows/src/protocol/inputs.ts'
import { connectSagas } from '@countermand/workflows/src/runs/connect-sagas.ts'
import { Client } from '@temporalio/client'
import {
  bundleWorkflowCode,
  DefaultLogger,
  type InjectedSinks,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker'
import { z } from 'zod'
import { engineMain } from '../engine.ts'
import type { EndedSink } from './workflows.ts'

await engineMain('empty', async ({ publish, publishOwn, read, env, log, metrics }) => {
  const logger = new DefaultLogger('WARN')
  Runtime.install({ logger, shutdownSignals: [] })
  const address = z.string().parse(env.TEMPORAL_ADDRESS)
  const namespace = z.string().parse(env.EMPTY_NAMESPACE)
  // The same kind of start as the orchestrator's: eager.
  const connection = await NativeConnection.connect({ address })
  const client = new Client({ connection, namespace })
  const ended = (requestId: string) =>
    publishOwn([
      {
        topic: topics.cancellations,
        key: requestId,
        headers: eventHeaders({
          ...{ id: requestId, source: '/bench/empty', type: 'bench.ended.v1' },
          ...{ time: new Date().toISOString(), subject: requestId },
        }),
        value: JSON.stringify({ requestId, outcome: 'empty' }),
      },
    ])
  const sinks: InjectedSinks<EndedSink> = {
    bench: { ended: { fn: (_, requestId) => void ended(requestId), callDuringReplay: false } },
  }
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
      logger,
    }),
    sinks,
  })
  const running = worker.run()
  const now = () => new Date().toISOString()
  await read(
    topics.cancelRequests,
    createIntake({ sagas: connectSagas(client, 'adaptive', 'eager'), publish, now, log, metrics }),
  )
  return async () => {
    worker.shutdown()
    await running
  }
})
