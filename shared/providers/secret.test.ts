import { inspect } from 'node:util'
import { createLogger } from '@countermand/telemetry'
import { expect, it } from 'vitest'
import { Secret } from './secret.ts'

const planted = 'sk_live_planted'
const secret = new Secret(planted)

const written: [string, () => string][] = [
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['a template', () => `${secret} and ${[secret]}`],
  ['a sum', () => `key ${String(secret)}`],
  ['inspect', () => inspect({ secret, deep: { list: [secret] } }, { depth: 9, showHidden: true, getters: true })],
  ['its fields', () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), { ...secret }])],
  ['a copy', () => JSON.stringify(structuredClone({ secret }))],
  [
    'a log line',
    () => {
      const lines: string[] = []
      const log = createLogger({ name: 'test', level: 'info', stream: { write: (line) => lines.push(line) } })
      log.info({ secret, err: new Error(`refused ${secret}`) }, `asked with ${secret}`)
      return lines.join()
    },
  ],
]

it.each(written)('is not to be read in %s', (_, write) => expect(write()).not.toContain(planted))

it('says that one is there', () => {
  expect(JSON.stringify(secret)).toBe('"[secret]"')
  expect(inspect(secret)).toBe('[secret]')
  expect(`${secret}`).toBe('[secret]')
})

it('is told to who asks for it', () => expect(secret.reveal()).toBe(planted))
