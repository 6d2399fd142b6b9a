import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '@countermand/database'
import pg from 'pg'

/** A database of its own for one test file, on the server of `anyUrl`. */
export interface TestDatabase {
  readonly url: string
  readonly database: Database
  drop(): Promise<void>
}

export const createTestDatabase = async (anyUrl: string, label: string): Promise<TestDatabase> => {
  const name = `test_${label}_${randomUUID().slice(0, 8)}`
  const admin = new pg.Client({ connectionString: anyUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = new URL(anyUrl)
  url.pathname = `/${name}`
  const database = openDatabase(url.href, { maxConnections: 10, onError: () => {} })
  return {
    url: url.href,
    database,
    drop: async () => {
      await database.destroy().catch(() => {})
      await admin.query(`drop database if exists ${name} with (force)`)
      await admin.end()
    },
  }
}
