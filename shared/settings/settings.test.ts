import { expect, test } from 'vitest'
import { z } from 'zod'
import { readSettings, SettingsError } from './settings.ts'
import { databaseUrl, sharedSettings } from './shared-settings.ts'

const schema = z.object({ ...sharedSettings, ORDER_DATABASE_URL: databaseUrl('order') })
const read = (env: NodeJS.ProcessEnv) => readSettings({ name: 'order service', env, argv: [] }, schema)

test('what is not set, or set to nothing, has its documented default', () => {
  expect(read({ LOG_LEVEL: '' })).toMatchObject({
    KAFKA_BROKERS: ['127.0.0.1:9092'],
    KAFKA_PARTITIONS: 4,
    KAFKA_REPLICATION: 3,
    REPLY_TOPICS: [],
    LOG_LEVEL: 'info',
    ORDER_PATIENCE: 10_000,
    INTERCEPT_PATIENCE: 72 * 3_600_000,
    REFUND_PATIENCE: 30 * 86_400_000,
    STEP_ATTEMPTS: 20,
    STEP_BACKOFF: 1_000,
  })
})

test('a list is what stands between the commas', () => {
  expect(read({ REPLY_TOPICS: 'shop.replies.v1, , lab.replies.v1' }).REPLY_TOPICS).toEqual([
    'shop.replies.v1',
    'lab.replies.v1',
  ])
})

test('every problem is listed at once, each with its name and what was expected', () => {
  const wrong = {
    KAFKA_PARTITIONS: '0',
    STEP_ATTEMPTS: 'many',
    REFUND_PATIENCE: 'soon',
    ORDER_DATABASE_URL: 'mysql://x',
  }
  expect(() => read(wrong)).toThrow(SettingsError)
  expect(() => read(wrong)).toThrow(
    /^order service cannot start, its settings are wrong:\n {2}KAFKA_PARTITIONS: expected a number of 1 or more\n {2}REFUND_PATIENCE: expected a duration.*\n {2}STEP_ATTEMPTS: expected a whole number\n {2}ORDER_DATABASE_URL: expected a PostgreSQL address/,
  )
})
