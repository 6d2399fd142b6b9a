import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createSecureServer } from 'node:http2'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTlsDoor } from '@countermand/testing/tls-door.ts'
import { createAuthority, type Identity, signedBy } from '@countermand/tools/stack/certificates.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { connectTemporal } from './connect.ts'
import { connectNative } from './native.ts'
import { securedTemporal } from './security.ts'

let directory: string
let authority: Identity
const closing: (() => void)[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countermand-secured-'))
  authority = await createAuthority('ours')
})
afterAll(async () => {
  for (const close of closing) close()
  await rm(directory, { recursive: true, force: true })
})

const written = async (content: string) => {
  const path = join(directory, randomUUID())
  await writeFile(path, content)
  return path
}
const bound = z.object({ port: z.number() })
const listening = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  return `127.0.0.1:${bound.parse(server.address()).port}`
}
const ca = () => written(authority.certificate)
const filesOf = async ({ certificate, privateKey }: Identity) => ({
  certFile: await written(certificate),
  keyFile: await written(privateKey),
})

/** What a client of ours comes to: both that ask, and both that poll. */
const bothConnect = async (address: string, security: Parameters<typeof securedTemporal>[0]): Promise<void> => {
  const connection = await connectTemporal({ address, connectTimeout: '3s', ...securedTemporal(security) })
  await connection.close()
  const native = await connectNative({ address, security })
  await native.close()
}

describe('a connection to Temporal behind TLS', () => {
  /** Before the real server: takes those who show a certificate of ours. */
  const doorWith = async (identity: Identity): Promise<string> => {
    const options = { clientCa: authority.certificate, protocols: ['h2'] }
    const door = await openTlsDoor(inject('stack').temporalAddress, identity, options)
    closing.push(door.close)
    return door.address
  }

  it('is made where each shows who it is', async () => {
    const address = await doorWith(await signedBy(authority, 'temporal'))
    await bothConnect(address, { tls: { caFile: await ca(), ...(await filesOf(await signedBy(authority, 'us'))) } })
  })

  it('is made with a server that has another name than its address, where that name is given', async () => {
    const address = await doorWith(await signedBy(authority, 'temporal', { names: ['temporal.example.org'] }))
    const tls = { caFile: await ca(), ...(await filesOf(await signedBy(authority, 'us'))) }
    await bothConnect(address, { tls: { ...tls, serverName: 'temporal.example.org' } })
    await expect(bothConnect(address, { tls })).rejects.toThrow()
  })

  it.concurrent.each<readonly [string, () => Promise<Parameters<typeof securedTemporal>[0]>]>([
    ['in the clear', async () => undefined],
    ['without a certificate', async () => ({ tls: { caFile: await ca() } })],
    [
      'with the certificate of a stranger',
      async () => ({
        tls: { caFile: await ca(), ...(await filesOf(await signedBy(await createAuthority('other'), 'us'))) },
      }),
    ],
    [
      'where it trusts somebody else',
      async () => ({
        tls: {
          caFile: await written((await createAuthority('other')).certificate),
          ...(await filesOf(await signedBy(authority, 'us'))),
        },
      }),
    ],
  ])('is not made %s', async (_, security) => {
    const address = await doorWith(await signedBy(authority, 'temporal'))
    const asked = await security()
    await expect(connectTemporal({ address, connectTimeout: '2s', ...securedTemporal(asked) })).rejects.toThrow()
    await expect(connectNative({ address, security: asked })).rejects.toThrow()
  })

  it('says which file it misses', async () => {
    const caFile = join(directory, 'nowhere.pem')
    expect(() => securedTemporal({ tls: { caFile } })).toThrow(/TEMPORAL_TLS_SERVER_CA_CERT_PATH.*no such file/)
    const apiKeyFile = await written('\n')
    expect(() => securedTemporal({ tls: {}, apiKeyFile })).toThrow(/TEMPORAL_API_KEY_FILE.*empty/)
    const strange = await written('secret-1\nsecret-2\n')
    expect(() => securedTemporal({ tls: {}, apiKeyFile: strange })).toThrow(/^(?!.*secret-).*TEMPORAL_API_KEY_FILE/s)
  })

  it('sends the key that its file holds, also when that is another by now', async () => {
    const { certificate: cert, privateKey: key } = await signedBy(authority, 'temporal')
    const heard: (string | undefined)[] = []
    const cloud = createSecureServer({ cert, key })
    cloud.on('stream', (stream, headers) => {
      heard.push(headers.authorization)
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      // An empty message: a server that says nothing of itself.
      stream.end(Buffer.alloc(5))
    })
    const address = await listening(cloud)
    const apiKeyFile = await written('first\n')
    const connection = await connectTemporal({
      ...{ address, connectTimeout: '5s' },
      ...securedTemporal({ tls: { caFile: await ca() }, apiKeyFile }),
    })
    await writeFile(apiKeyFile, 'second\n')
    await connection.workflowService.getSystemInfo({})
    await writeFile(apiKeyFile, 'half\nwritten')
    await connection.workflowService.getSystemInfo({})
    await writeFile(apiKeyFile, '')
    await connection.workflowService.getSystemInfo({})
    await connection.close()
    expect([heard[0], ...heard.slice(-3)]).toEqual(['Bearer first', ...Array(3).fill('Bearer second')])
  })
})
