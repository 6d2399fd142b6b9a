import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sagaUrl } from '@countermand/workflows/operations/reach/addresses.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeRunning } from '../system/running.ts'
import { readAddresses } from './addresses.ts'

let home: string
let empty: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countermand-addresses-'))
  empty = join(home, 'empty')
  await writeRunning(home, {
    kafkaBrokers: 'localhost:1,localhost:2',
    temporalAddress: 'localhost:3',
    temporalUiUrl: 'http://localhost:4',
    namespace: 'shop',
    topicPrefix: 'p.',
    databaseUrls: {
      order: 'postgres://o',
      inventory: 'postgres://i',
      logistics: 'postgres://l',
      payment: 'postgres://p',
    },
    http: {},
    pids: {},
  })
})
afterAll(() => rm(home, { recursive: true, force: true }))

describe('the addresses', () => {
  it('are those that npm start wrote', async () => {
    expect(await readAddresses({ COUNTERMAND_HOME: home })).toMatchObject({
      kafkaBrokers: ['localhost:1', 'localhost:2'],
      temporalAddress: 'localhost:3',
      temporalUiUrl: 'http://localhost:4',
      namespace: 'shop',
      topicPrefix: 'p.',
      databaseUrls: { payment: 'postgres://p' },
    })
  })

  it('are those of the environment before that', async () => {
    const env = { KAFKA_BROKERS: 'kafka:9', TEMPORAL_NAMESPACE: 'other', ORDER_DATABASE_URL: 'postgres://elsewhere/o' }
    expect(await readAddresses({ COUNTERMAND_HOME: home, ...env })).toMatchObject({
      kafkaBrokers: ['kafka:9'],
      namespace: 'other',
      databaseUrls: { order: 'postgres://elsewhere/o', inventory: 'postgres://i' },
    })
  })

  it('are the default ports when nothing says otherwise', async () => {
    expect(await readAddresses({ COUNTERMAND_HOME: empty, POSTGRES_PORT: '15432' })).toMatchObject({
      kafkaBrokers: ['127.0.0.1:9092'],
      temporalAddress: '127.0.0.1:7233',
      namespace: 'default',
      topicPrefix: '',
      databaseUrls: { order: expect.stringContaining('127.0.0.1:15432/countermand_order') },
    })
  })
})

it('the address of a saga in the Temporal UI keeps ids with slashes apart', () => {
  expect(sagaUrl({ temporalUiUrl: 'http://ui', namespace: 'shop' }, 'cancel-a/b-c')).toBe(
    'http://ui/namespaces/shop/workflows/cancel-a%2Fb-c',
  )
})
