/**
 * Lets the Temporal SDK download the dev server into a directory: `node download-temporal.ts <directory> <version>`. The SDK has no call
 * for the download alone, so this starts the server once. A process of its own, because the SDK's download knows no time limit.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing'

const [downloadDir, version] = process.argv.slice(2)
if (downloadDir === undefined || version === undefined) {
  throw new Error(`expected a directory and a version, got ${process.argv.slice(2).join(' ')}`)
}

const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, version: `v${version}` } },
})
await environment.teardown()
