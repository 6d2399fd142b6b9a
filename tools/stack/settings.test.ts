import { describe, expect, it } from 'vitest'
import { readStackSettings } from './settings.ts'

const messageOf = (env: NodeJS.ProcessEnv): string => {
  try {
    readStackSettings(env)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('expected the settings to be refused')
}

describe('the settings of the stack', () => {
  it('have defaults for everything', () => {
    expect(readStackSettings({})).toMatchObject({
      way: undefined,
      kafkaBrokers: undefined,
      temporalNamespace: 'default',
      ports: { KAFKA_PORT: 9092, TEMPORAL_PORT: 7233, TEMPORAL_UI_PORT: 8233, POSTGRES_PORT: 5432 },
      topicPrefix: '',
      partitions: 4,
      replication: undefined,
    })
  })

  it('take an empty variable for none', () => {
    expect(readStackSettings({ KAFKA_BROKERS: '', KAFKA_PARTITIONS: '' })).toEqual(readStackSettings({}))
  })

  it('read several brokers', () => {
    expect(readStackSettings({ KAFKA_BROKERS: 'one:9092, two:9093' }).kafkaBrokers).toEqual(['one:9092', 'two:9093'])
  })

  it('report everything that is wrong at once, with what was expected and what came', () => {
    const message = messageOf({
      COUNTERMAND_STACK: 'podman',
      KAFKA_BROKERS: 'kafka',
      KAFKA_PORT: '99999',
      KAFKA_PARTITIONS: '0',
      KAFKA_TOPIC_PREFIX: 'a b',
    })
    expect(message.split('\n')).toEqual([
      'settings are not valid:',
      '  COUNTERMAND_STACK: expected native or docker, got "podman"',
      '  KAFKA_BROKERS: expected host:port, got "kafka"',
      '  KAFKA_PORT: expected a port number from 1 to 65535, got "99999"',
      '  KAFKA_TOPIC_PREFIX: expected letters, digits, dots, hyphens or underscores, got "a b"',
      '  KAFKA_PARTITIONS: expected a whole number from 1 to 9999, got "0"',
    ])
  })

  it('do not repeat a password in an error', () => {
    const message = messageOf({ ORDER_DATABASE_URL: 'mysql://user:secret@host/db' })
    expect(message).toContain('ORDER_DATABASE_URL: expected a URL like postgres://')
    expect(message).not.toContain('secret')
  })
})
