import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readSecretFile } from './secret-file.ts'
import { kafkaSecurity, temporalSecurity, withPasswordFiles } from './secured.ts'
import { readSettings } from './settings.ts'
import { databasePasswordFile, databaseUrl, sharedSettings, temporalSettings } from './shared-settings.ts'

const schema = z.object({
  ...sharedSettings,
  ...temporalSettings,
  ORDER_DATABASE_URL: databaseUrl('order'),
  ORDER_DATABASE_PASSWORD_FILE: databasePasswordFile,
})
const read = (env: NodeJS.ProcessEnv) => readSettings({ name: 'order service', env, argv: [] }, schema)

test('nothing is secured that is not said to be', () => {
  const settings = read({})
  expect(kafkaSecurity.parse(settings)).toEqual({})
  expect(temporalSecurity.parse(settings)).toEqual({})
})

test('what is said of Kafka', () => {
  const tls = { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/ca', KAFKA_SSL_CERT_FILE: '/cert', KAFKA_SSL_KEY_FILE: '/key' }
  const files = { caFile: '/ca', certFile: '/cert', keyFile: '/key' }
  const scram = {
    ...{ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'order' },
    KAFKA_SASL_PASSWORD_FILE: '/password',
  }
  expect(kafkaSecurity.parse(read({ ...tls, ...scram }))).toEqual({
    tls: files,
    sasl: { mechanism: 'scram-sha-512', username: 'order', passwordFile: '/password' },
  })
  const token = { KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE: '/token' }
  expect(kafkaSecurity.parse(read(token)).sasl).toEqual({ mechanism: 'oauthbearer', token: { file: '/token' } })
  const granted = {
    ...{ KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_URL: 'https://id.example.org/token' },
    ...{ KAFKA_SASL_CLIENT_ID: 'order', KAFKA_SASL_CLIENT_SECRET_FILE: '/secret', KAFKA_SASL_SCOPE: 'kafka' },
  }
  expect(kafkaSecurity.parse(read(granted)).sasl).toEqual({
    mechanism: 'oauthbearer',
    token: { url: 'https://id.example.org/token', clientId: 'order', secretFile: '/secret', scope: 'kafka' },
  })
})

test('what is said of Temporal', () => {
  const env = { TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_NAME: 'temporal.example.org', TEMPORAL_API_KEY_FILE: '/key' }
  expect(temporalSecurity.parse(read(env))).toEqual({
    tls: { serverName: 'temporal.example.org' },
    apiKeyFile: '/key',
  })
})

test.each<readonly [string, NodeJS.ProcessEnv, readonly RegExp[]]>([
  ['a CA without TLS', { KAFKA_SSL_CA_FILE: '/ca' }, [/KAFKA_SSL_CA_FILE: expected KAFKA_SSL=true beside it/]],
  [
    'a certificate without its key',
    { KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE: '/cert' },
    [/KAFKA_SSL_KEY_FILE: expected a file, as KAFKA_SSL_CERT_FILE is set/],
  ],
  [
    'scram without who signs in',
    { KAFKA_SASL_MECHANISM: 'scram-sha-512' },
    [/KAFKA_SASL_USERNAME: expected it/, /KAFKA_SASL_PASSWORD_FILE: expected it/],
  ],
  [
    'a password that nobody uses',
    { KAFKA_SASL_USERNAME: 'order', KAFKA_SASL_PASSWORD_FILE: '/password' },
    [/KAFKA_SASL_USERNAME: expected KAFKA_SASL_MECHANISM/],
  ],
  [
    'a password in the clear',
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'order', KAFKA_SASL_PASSWORD_FILE: '/password' },
    [/KAFKA_SASL_MECHANISM: expected KAFKA_SSL=true beside plain/],
  ],
  [
    'a token from nowhere',
    { KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer' },
    [/KAFKA_SASL_TOKEN_FILE: expected it or KAFKA_SASL_TOKEN_URL/],
  ],
  [
    'tokens from two places',
    {
      ...{ KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE: '/token' },
      KAFKA_SASL_TOKEN_URL: 'https://id.example.org/token',
    },
    [/KAFKA_SASL_TOKEN_URL: .*got both/],
  ],
  [
    'a mechanism that there is not',
    { KAFKA_SASL_MECHANISM: 'kerberos' },
    [/KAFKA_SASL_MECHANISM: expected scram-sha-512, scram-sha-256, plain, oauthbearer/],
  ],
  [
    'a key of the API in the clear',
    { TEMPORAL_API_KEY_FILE: '/key' },
    [/TEMPORAL_API_KEY_FILE: expected TEMPORAL_TLS=true beside it/],
  ],
  [
    'a secret that is sent in the clear',
    {
      ...{ KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_CLIENT_ID: 'order' },
      ...{ KAFKA_SASL_TOKEN_URL: 'http://id.example.org/token', KAFKA_SASL_CLIENT_SECRET_FILE: '/secret' },
    },
    [/KAFKA_SASL_TOKEN_URL: expected https/],
  ],
  [
    'a password file of no database',
    { ORDER_DATABASE_PASSWORD_FILE: '/password' },
    [/ORDER_DATABASE_PASSWORD_FILE: expected ORDER_DATABASE_URL beside it/],
  ],
  [
    'mistakes of several kinds',
    { KAFKA_SSL: 'yes', TEMPORAL_TLS_CLIENT_CERT_PATH: '/cert', KAFKA_PARTITIONS: '0' },
    [/KAFKA_SSL: expected true or false/, /TEMPORAL_TLS_CLIENT_KEY_PATH: expected/, /KAFKA_PARTITIONS: expected/],
  ],
])('%s is told at the start', (_, env, problems) => {
  for (const problem of problems) expect(() => read(env)).toThrow(problem)
  // Each once.
  expect(() => read(env)).not.toThrow(/(KAFKA_SSL: expected true or false)[\s\S]*\1/)
})

test('a password that is in a file is named in the address of its database', () => {
  const env = {
    ORDER_DATABASE_URL: 'postgres://order@db.example.org/orders?sslmode=verify-full',
    ORDER_DATABASE_PASSWORD_FILE: '/run/secrets/order%20password',
  }
  const { searchParams } = new URL(read(env).ORDER_DATABASE_URL)
  expect(Object.fromEntries(searchParams)).toEqual({
    ...{ sslmode: 'verify-full', passwordfile: '/run/secrets/order%20password' },
  })
  expect(withPasswordFiles({ ORDER_DATABASE_PASSWORD_FILE: '/x', ORDER_DATABASE_URL: 'nonsense' })).toMatchObject({
    ORDER_DATABASE_URL: 'nonsense',
  })
})

const directory = mkdtempSync(join(tmpdir(), 'countermand-secret-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('a secret is what its file holds, without the end of the line', () => {
  const path = join(directory, 'secret')
  for (const [content, secret] of [
    ['abc\n', 'abc'],
    ['abc\r\n', 'abc'],
    [' a b ', ' a b '],
    ['two\nlines\n', 'two\nlines'],
  ] as const) {
    writeFileSync(path, content)
    expect(readSecretFile(path, 'THE_SECRET')).toBe(secret)
  }
  writeFileSync(path, '\n')
  expect(() => readSecretFile(path, 'THE_SECRET')).toThrow(/THE_SECRET.*empty/)
})
