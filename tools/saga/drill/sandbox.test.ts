import type { Databases } from '@countermand/workflows/operations/reach/databases.ts'
import { expect, it } from 'vitest'
import { awayOf, requireSandbox } from './sandbox.ts'

const database = (host: string) => `postgres://countermand:secret@${host}:5432/countermand`
const onThisMachine = {
  kafkaBrokers: ['127.0.0.1:9092', 'localhost:9093'],
  temporalAddress: '127.0.0.1:7233',
  temporalUiUrl: 'http://127.0.0.1:8233',
  namespace: 'default',
  topicPrefix: '',
  databaseUrls: {
    order: database('127.0.0.1'),
    inventory: database('localhost'),
    logistics: database('[::1]'),
    payment: database('127.0.0.1'),
  },
}

/** Databases in which every query finds these names. */
const databasesWith = (...names: readonly string[]): Databases => {
  const of = (owner: 'order' | 'inventory' | 'logistics' | 'payment') => ({
    owner,
    rows: async <Row>(row: { parse(value: unknown): Row }) => names.map((name) => row.parse({ name })),
  })
  return {
    ...{ order: of('order'), inventory: of('inventory'), logistics: of('logistics'), payment: of('payment') },
    close: async () => {},
  }
}

it('is a system that is all on this machine, and knows only the sandbox', async () => {
  expect(awayOf(onThisMachine)).toEqual([])
  await expect(requireSandbox(onThisMachine, databasesWith())).resolves.toBeUndefined()
})

it.each([
  [{ kafkaBrokers: ['127.0.0.1:9092', 'kafka.shop.example:9092'] }, 'kafka.shop.example'],
  [{ temporalAddress: 'temporal.shop.example:7233' }, 'temporal.shop.example'],
  [{ databaseUrls: { ...onThisMachine.databaseUrls, payment: database('db.shop.example') } }, 'db.shop.example'],
])('is no system with a part elsewhere', async (elsewhere, host) => {
  await expect(requireSandbox({ ...onThisMachine, ...elsewhere }, databasesWith())).rejects.toThrow(
    `expected a sandbox on this machine, got ${host}: drills are for sandboxes only`,
  )
})

it('is no system in which somebody paid by another channel, or sent by another carrier', async () => {
  await expect(requireSandbox(onThisMachine, databasesWith('stripe'))).rejects.toThrow(
    'expected a sandbox, got orders that use stripe, stripe',
  )
})
