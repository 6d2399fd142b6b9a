/** Run as a process: starts a saga eagerly, gets its first workflow task with the start, and is gone. */
import { fileURLToPath } from 'node:url'
import { cancelRequested } from '@countermand/contracts'
import { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { taskQueue } from '../src/protocol/inputs.ts'
import { connectSagas } from '../src/runs/connect-sagas.ts'

const [address, namespace = 'default', request = ''] = process.argv.slice(2)
Runtime.install({ logger: new DefaultLogger('ERROR') })
const connection = await NativeConnection.connect(address === undefined ? {} : { address })
const workflowsPath = fileURLToPath(new URL('./stuck-workflows.ts', import.meta.url))
const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath })
void worker.run()
const sagas = connectSagas(new Client({ connection, namespace }), 'slow', 'eager')
await sagas.start({ request: cancelRequested.parse(JSON.parse(request)), digest: 'digest-1' })
process.kill(process.pid, 'SIGKILL')
