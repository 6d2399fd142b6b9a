import { createServer } from 'node:net'
import type { Logger } from '@temporalio/common'
import { Runtime } from '@temporalio/worker'

const quickly = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const fromSecondsToDays = [...quickly, 60, 300, 1_800, 3_600, 21_600, 86_400, 259_200, 604_800, 2_592_000]

/** What workflow code tells (`meter.ts`) lasts from milliseconds to weeks. */
const histogramBucketOverrides = {
  countermand_step_seconds: fromSecondsToDays,
  countermand_stage_seconds: fromSecondsToDays,
  countermand_saga_seconds: fromSecondsToDays,
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      server.close(() =>
        port === undefined ? reject(new Error(`expected a port of TCP, got ${address}`)) : resolve(port),
      )
    })
  })

/** The SDK names the labels of what workflow code tells as in JavaScript, those of its own as Prometheus wants them. */
const snakeCased = (text: string): string =>
  text.replaceAll('taskQueue="', 'task_queue="').replaceAll('workflowType="', 'workflow_type="')

/**
 * Installs the SDK's runtime. Its native part can only serve its metrics on a port of its own, so it gets one on the loopback address
 * that nobody else needs to know: what is returned reads them, as Prometheus text, for the process's `/metrics`.
 */
export const installRuntime = async (logger: Logger): Promise<() => Promise<string>> => {
  const port = await freePort()
  Runtime.install({
    logger,
    // We say in which order the parts end; left to itself, the runtime would shut its workers down on the first signal.
    shutdownSignals: [],
    telemetryOptions: {
      // What the native part says goes the same way: that a workflow task fails, it alone says.
      logging: { filter: 'WARN', forward: {} },
      metrics: {
        attachServiceName: false,
        prometheus: {
          bindAddress: `127.0.0.1:${port}`,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
          histogramBucketOverrides,
        },
      },
    },
  })
  const url = `http://127.0.0.1:${port}/metrics`
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(1_500) })
      return snakeCased(await response.text())
    } catch {
      // Ours are worth serving without them.
      return ''
    }
  }
}
