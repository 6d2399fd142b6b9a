import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import type { Connection } from '@temporalio/client'
import { afterEach, expect, it } from 'vitest'
import { connectTemporal } from './connect.ts'

const service = 'temporal.api.workflowservice.v1.WorkflowService'
const bytes = (message: Buffer): Buffer => message
const unary = (name: string) => ({
  ...{ path: `/${service}/${name}`, requestStream: false, responseStream: false },
  ...{ requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes },
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A server that says who it is, and turns away all else for now; `asked`: once it has. */
const busy = async () => {
  const server = new Server()
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  server.addService(
    { getSystemInfo: unary('GetSystemInfo'), describeNamespace: unary('DescribeNamespace') },
    {
      getSystemInfo: (_: unknown, answer: (error: null, message: Buffer) => void) => answer(null, Buffer.alloc(0)),
      describeNamespace: (_: unknown, answer: (error: object) => void) => {
        answer({ code: status.UNAVAILABLE, details: 'busy' })
        resolve()
      },
    },
  )
  closing.push(() => server.forceShutdown())
  const port = await new Promise<number>((found, failed) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? found(port) : failed(error),
    )
  })
  return { address: `127.0.0.1:${port}`, asked }
}

const ask = (connection: Connection) => connection.workflowService.describeNamespace({ namespace: 'default' })

it('a call that waits to be tried again when its connection is closed fails, and nothing else does', async () => {
  const { address, asked } = await busy()
  const connection = await connectTemporal({ address })
  const call = ask(connection)
  await asked
  await connection.close()
  // Vitest fails with what nobody catches.
  await expect(call).rejects.toMatchObject({ code: status.CANCELLED })
  await expect(ask(connection)).rejects.toThrow('shut down')
})
