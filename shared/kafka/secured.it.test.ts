import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@countermand/testing'
import { openTlsDoor, type TlsDoor } from '@countermand/testing/tls-door.ts'
import { createAuthority, type Identity, signedBy } from '@countermand/tools/stack/certificates.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { withAdmin } from './admin.ts'
import { connectKafka, type KafkaCluster } from './kafka.ts'

const { secured } = inject('stack')

describe.skipIf(secured === undefined)('a connection to Kafka behind TLS', () => {
  if (secured === undefined) return
  const { username, authority, files } = secured
  const brokers = [secured.kafkaBrokers]
  const scram = { mechanism: 'scram-sha-512', username, passwordFile: files.password } as const
  let directory: string
  const doors: TlsDoor[] = []
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-secured-'))
  })
  afterAll(async () => {
    for (const door of doors) door.close()
    await rm(directory, { recursive: true, force: true })
  })

  const written = async (content: string) => {
    const path = join(directory, randomUUID())
    await writeFile(path, content)
    return path
  }
  const tls = { caFile: files.ca }
  const ask = (cluster: KafkaCluster) => withAdmin(cluster, 0, async (admin) => (await admin.listTopics()).length)

  it.each([
    ['scram-sha-512', scram],
    ['scram-sha-256', { ...scram, mechanism: 'scram-sha-256' }],
    ['plain', { ...scram, mechanism: 'plain' }],
  ] as const)('signs in by %s', async (_, sasl) => {
    expect(await ask({ brokers, security: { tls, sasl } })).toBeGreaterThan(0)
  })

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = () => {
    const now = Math.floor(Date.now() / 1_000)
    return `${part({ alg: 'none' })}.${part({ sub: username, iat: now, exp: now + 300 })}.`
  }

  it('signs in by a token in a file', async () => {
    const file = await written(`${token()}\n`)
    const sasl = { mechanism: 'oauthbearer', token: { file } } as const
    expect(await ask({ brokers, security: { tls, sasl } })).toBeGreaterThan(0)
  })

  it('shows its certificate, and is taken for nobody with one of a stranger', async () => {
    const own = { ...tls, certFile: files.cert, keyFile: files.key }
    expect(await ask({ brokers, security: { tls: own, sasl: scram } })).toBeGreaterThan(0)
    const stranger = await signedBy(await createAuthority('stranger'), 'countermand')
    const certFile = await written(stranger.certificate)
    const keyFile = await written(stranger.privateKey)
    await expect(ask({ brokers, security: { tls: { ...tls, certFile, keyFile }, sasl: scram } })).rejects.toThrow()
  })

  /** A door with a certificate of its own before the plain broker: what a client makes of it, it makes of any. */
  const doorWith = async (identity: Identity): Promise<string[]> => {
    const door = await openTlsDoor(inject('stack').kafkaBrokers, identity)
    doors.push(door)
    return [door.address]
  }

  it.each<readonly [string, () => Promise<Identity>, RegExp]>([
    ['nobody that it trusts has signed', async () => signedBy(await createAuthority('other'), 'server'), /certificate/],
    ['is of another host', () => signedBy(authority, 'server', { names: ['kafka.example.org'] }), /127\.0\.0\.1/],
    ['has expired', () => signedBy(authority, 'server', { untilMs: -60_000 }), /expired/],
  ])('refuses a broker whose certificate %s', async (_, identity, reason) => {
    await expect(ask({ brokers: await doorWith(await identity()), security: { tls } })).rejects.toThrow(reason)
  })

  it.each<readonly [string, () => Promise<string>, RegExp]>([
    ['is wrong', () => written(randomBytes(9).toString('hex')), /credentials/],
    ['is empty, as one that is being written', () => written(''), /KAFKA_SASL_PASSWORD_FILE.*empty/],
    ['is not there', async () => join(directory, 'nowhere'), /KAFKA_SASL_PASSWORD_FILE.*no such file/],
  ])('is refused with a password file that %s', async (_, file, reason) => {
    const sasl = { ...scram, passwordFile: await file() }
    await expect(ask({ brokers, security: { tls, sasl } })).rejects.toThrow(reason)
  })

  it.each([
    ['in the clear', {}],
    ['without signing in', { tls }],
  ])('gets nothing %s, and does not fall back', async (_, security) => {
    await expect(ask({ brokers, security })).rejects.toThrow()
  })

  it('goes on with what its files hold when it connects anew', async () => {
    const passwordFile = await written('not yet')
    const kafka = connectKafka({
      ...{ brokers, clientId: 'secured-test', prefix: '', retries: 0 },
      security: { tls, sasl: { ...scram, passwordFile } },
    })
    const admin = kafka.admin()
    await expect(admin.connect()).rejects.toThrow(/credentials/)
    await writeFile(passwordFile, secured.password)
    await eventually('it to be signed in', () =>
      admin.connect().then(
        () => true,
        () => false,
      ),
    )
    expect((await admin.listTopics()).length).toBeGreaterThan(0)
    await admin.disconnect()
  })
})
