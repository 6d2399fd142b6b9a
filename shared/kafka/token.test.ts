import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { tokensFrom } from './token.ts'

/** A server of an identity provider, as far as it grants tokens to clients (RFC 6749, 4.4). */
const asked: { readonly authorization: string | undefined; readonly body: string }[] = []
let answer: readonly [number, unknown] = [200, {}]
const provider = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk))
  request.on('end', () => {
    asked.push({ authorization: request.headers.authorization, body })
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]))
  })
})
let directory: string
let source: { url: string; clientId: string; secretFile: string; scope: string }
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countermand-token-'))
  const secretFile = join(directory, 'secret')
  await writeFile(secretFile, 'a:b\n')
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(provider.address())
  source = { url: `http://127.0.0.1:${port}/token`, clientId: 'order', secretFile, scope: 'kafka' }
})
afterAll(async () => {
  provider.close()
  await rm(directory, { recursive: true, force: true })
})

test('a token is asked for once while it is good, and again when it is not', async () => {
  const token = tokensFrom(source)
  answer = [200, { access_token: 'first', expires_in: 3600 }]
  const before = asked.length
  // Many connections sign in at once.
  expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill({ value: 'first' }))
  expect(await token()).toEqual({ value: 'first' })
  expect(asked.slice(before)).toEqual([
    {
      authorization: `Basic ${Buffer.from('order:a%3Ab').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka',
    },
  ])
  const short = tokensFrom(source)
  answer = [200, { access_token: 'second', expires_in: 30 }]
  await short()
  answer = [200, { access_token: 'third' }]
  expect(await short()).toEqual({ value: 'third' })
})

test('what is not granted is told, and asked for again', async () => {
  const token = tokensFrom(source)
  answer = [401, { error: 'invalid_client' }]
  await expect(token()).rejects.toThrow(/expected a token from http:.*, got HTTP 401/)
  answer = [200, { access_token: '' }]
  await expect(token()).rejects.toThrow()
  answer = [200, { access_token: 'at last' }]
  expect(await token()).toEqual({ value: 'at last' })
})

test('a token in a file is what it holds now', async () => {
  const file = join(directory, 'token')
  const token = tokensFrom({ file })
  await expect(token()).rejects.toThrow(/KAFKA_SASL_TOKEN_FILE/)
  await writeFile(file, 'one\n')
  expect(await token()).toEqual({ value: 'one' })
  await writeFile(file, 'two\n')
  expect(await token()).toEqual({ value: 'two' })
})
