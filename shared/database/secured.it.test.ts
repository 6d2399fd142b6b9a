import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '@countermand/tools/stack/certificates.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { isInfrastructureError, openDatabase } from './database.ts'

const { secured, databaseUrls } = inject('stack')

describe.skipIf(secured === undefined)('a connection to PostgreSQL behind TLS', () => {
  if (secured === undefined) return
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-secured-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const written = async (content: string) => {
    const path = join(directory, randomUUID())
    await writeFile(path, content)
    return path
  }
  const addressWith = (parameters: Readonly<Record<string, string>>, host = '127.0.0.1') => {
    const url = new URL(databaseUrls.order)
    url.hostname = host
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url.href
  }
  const verified = { sslmode: 'verify-full', sslrootcert: secured.files.ca }
  const cipherOf = async (address: string) => {
    const database = openDatabase(address, { maxConnections: 1, onError: () => {} })
    try {
      const { rows } = await sql<{ ssl: boolean }>`
        select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(database)
      return rows[0]?.ssl
    } finally {
      await database.destroy()
    }
  }

  it('is made where the certificate is of the host and of who is trusted', async () => {
    expect(await cipherOf(addressWith(verified))).toBe(true)
    expect(await cipherOf(databaseUrls.order)).toBe(false)
  })

  it('is not made with the certificate of somebody else, and does not fall back', async () => {
    const sslrootcert = await written((await createAuthority('other')).certificate)
    await expect(cipherOf(addressWith({ ...verified, sslrootcert }))).rejects.toThrow(/certificate/)
  })

  it('is tried again, and made, once a file is there that was not', async () => {
    const sslrootcert = join(directory, 'comes-later.pem')
    const database = openDatabase(addressWith({ ...verified, sslrootcert }), { maxConnections: 1, onError: () => {} })
    try {
      const ask = () => sql`select 1`.execute(database)
      // More than the pool has places for: those that wait are told as well.
      await Promise.all([1, 2, 3].map(() => expect(ask()).rejects.toThrow(/no such file/)))
      expect(await ask().catch(isInfrastructureError)).toBe(true)
      await writeFile(sslrootcert, secured.authority.certificate)
      expect((await ask()).rows).toHaveLength(1)
    } finally {
      await database.destroy()
    }
  })

  it('has the password that its file holds when it is made, whatever is in it', async () => {
    const hard = `p:@/ %41?#${randomUUID()}é`
    const role = `secured_${randomUUID().replaceAll('-', '')}`
    const owner = openDatabase(databaseUrls.order, { maxConnections: 1, onError: () => {} })
    const file = await written('')
    const url = new URL(addressWith({ ...verified, passwordfile: file }))
    ;[url.username, url.password] = [role, '']
    const reader = openDatabase(url.href, { maxConnections: 1, onError: () => {} })
    try {
      await sql`create role ${sql.id(role)} login password ${sql.lit(hard)}`.execute(owner)
      const ask = () => sql`select 1`.execute(reader)
      await expect(ask()).rejects.toThrow(/empty/)
      await writeFile(file, 'wrong\n')
      await expect(ask()).rejects.toThrow(/password/)
      // No message is at fault, and none may be given up for it.
      expect(await ask().catch(isInfrastructureError)).toBe(true)
      await writeFile(file, `${hard}\n`)
      expect((await ask()).rows).toHaveLength(1)
    } finally {
      await reader.destroy()
      await sql`drop role ${sql.id(role)}`.execute(owner)
      await owner.destroy()
    }
  })
})
