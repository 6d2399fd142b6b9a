import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openDatabase } from '@countermand/database'
import { eventually } from '@countermand/testing'
import { openTlsDoor, type TlsDoor } from '@countermand/testing/tls-door.ts'
import { signedBy } from '@countermand/tools/stack/certificates.ts'
import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openShop, type Shop } from './shop.ts'
import { type Doors, startWorld, type World } from './world.ts'

const stack = inject('stack')
const provisionProgram = fileURLToPath(new URL('../../tools/provision/main.ts', import.meta.url))
const { secured } = stack

/** Kafka with SASL_SSL, Temporal behind mTLS, PostgreSQL with verify-full and a password in a file. */
describe.skipIf(secured === undefined)('the whole system on secured servers', () => {
  if (secured === undefined) return
  const { authority, files } = secured
  const role = `secured_${randomUUID().replaceAll('-', '')}`
  let directory: string
  let door: TlsDoor
  let world: World
  let shop: Shop
  /** Gives each process its rights in Kafka, as whoever provisions does. */
  const provision = (what: string, env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [provisionProgram, '--rights', what], {
      env: { PATH: process.env.PATH, KAFKA_BROKERS: secured.kafkaBrokers, ...env },
    })
  const path = (name: string) => join(directory, name)
  const owner = openDatabase(stack.databaseUrls.order, { maxConnections: 1, onError: () => {} })
  const asOwner = (statement: RawBuilder<unknown>) => statement.execute(owner)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-secured-'))
    const protocols = ['h2']
    door = await openTlsDoor(stack.temporalAddress, await signedBy(authority, 'temporal'), {
      ...{ clientCa: authority.certificate, protocols },
    })
    await writeFile(path('database.password'), 'first\n')
    const env = {
      ...{ KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: files.ca },
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_PASSWORD_FILE: files.password,
      ...{ TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_CA_CERT_PATH: files.ca },
      ...{ TEMPORAL_TLS_CLIENT_CERT_PATH: files.cert, TEMPORAL_TLS_CLIENT_KEY_PATH: files.key },
    }
    const databaseUrl = (plain: string) => {
      const url = new URL(plain)
      ;[url.username, url.password] = [role, '']
      url.searchParams.set('sslmode', 'verify-full')
      url.searchParams.set('sslrootcert', files.ca)
      url.searchParams.set('passwordfile', path('database.password'))
      return url.href
    }
    await asOwner(sql`create role ${sql.id(role)} superuser login password 'first'`)
    const doors: Doors = {
      ...{ kafkaBrokers: secured.kafkaBrokers, temporalAddress: door.address, databaseUrl },
      userOf: (who) => ({ KAFKA_SASL_USERNAME: who }),
      prepare: (KAFKA_TOPIC_PREFIX) =>
        provision('set', { ...env, KAFKA_SASL_USERNAME: secured.username, KAFKA_TOPIC_PREFIX }),
    }
    world = await startWorld(stack, env, {}, doors)
    shop = openShop(world)
  })
  afterAll(async () => {
    await world?.stop()
    door?.close()
    await asOwner(sql`drop role if exists ${sql.id(role)}`)
    await owner.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  /** One that is refunded, and one that turns back. */
  const bothRoads = async () => {
    const straight = await shop.ask(await shop.place({ name: 'secured' }))
    const back = await shop.ask(
      await shop.place({ name: 'secured-back', parcels: [{ number: 'REFUSE-1', status: 'in-transit' }] }),
    )
    await back.hears('order.cancellation.awaiting-merchant.v1')
    await back.decide('approve')
    expect(await straight.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await back.ends()).toMatchObject({ outcome: 'compensated', code: 'intercept-failed' })
    return straight
  }

  it('cancels, turns back, and is looked at by the command line', async () => {
    const { requestId } = await bothRoads()
    for (const args of [['show', requestId], ['status'], ['list'], ['dlq', 'list'], ['verify']]) {
      const { code, stderr } = await world.saga(...args)
      expect(code, `${args.join(' ')}: ${stderr}`).toBe(0)
    }
  })

  it('goes on with a password that was changed, without a restart', async () => {
    const pids = { ...world.system.pids }
    await asOwner(sql`alter role ${sql.id(role)} password 'second'`)
    // Every connection is made anew; the file is late.
    await asOwner(sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`)
    const order = world.system.http.order
    const readiness = async () => (await fetch(`${order}/readyz`)).status
    await eventually('the order service to say that its database is away', async () => (await readiness()) === 503)
    await writeFile(path('database.password'), 'second\n')
    await eventually('it to have its database again', async () => (await readiness()) === 200, 60_000)
    await bothRoads()
    expect(world.system.pids).toEqual(pids)
  })
})
