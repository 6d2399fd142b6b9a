import { inventorySettings } from '@countermand/inventory/settings.ts'
import { logisticsSettings } from '@countermand/logistics/settings.ts'
import { orderSettings } from '@countermand/order/settings.ts'
import { paymentSettings } from '@countermand/payment/settings.ts'
import { readSettings, SettingsError } from '@countermand/settings'
import { atLimit, hostileTexts } from '@countermand/testing'
import { orchestratorSettings } from '@countermand/workflows/src/settings.ts'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { provisionSettings } from '../provision/settings.ts'
import { readStackSettings } from '../stack/settings.ts'
import type { ProcessName } from './processes.ts'

/** Whatever somebody puts into a setting, a process says what is wrong with it, or begins; it does nothing else. */

const schemas: Readonly<Record<ProcessName | 'provision', z.ZodObject>> = {
  order: orderSettings,
  inventory: inventorySettings,
  logistics: logisticsSettings,
  payment: paymentSettings,
  orchestrator: orchestratorSettings,
  provision: provisionSettings,
}

const moreTexts = {
  'no number': 'NaN',
  'no end': 'Infinity',
  'a number as others write it': '1e400',
  'less than nothing': '-1',
  'a time beyond all calendars': '99999999999999999999d',
  'a list of nothing': ',,,',
  'another protocol': 'javascript://x:1/',
  'a folder': '/',
  'no page': 'x'.repeat(100_000),
}
const texts = [...Object.entries(hostileTexts), ...Object.entries(moreTexts), ...Object.entries(atLimit(4_096).tooLong)]

const obeyed = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** What is said of it; `undefined`: it was taken. */
const refusalOf = (read: () => unknown): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof Error) return error.message
    throw error
  }
}

const expectWords = (words: string, setting: string): void => {
  expect(words).not.toMatch(obeyed)
  expect(words).toContain(`  ${setting}`)
  expect(words.length).toBeLessThan(1_000)
}

/** Settings whose text is taken as it is, for nothing is done with it but comparing, and sending it along. */
const free = ['BLOCKED_CUSTOMERS', 'OTEL_EXPORTER_OTLP_HEADERS']

describe.each(Object.entries(schemas))('the settings of %s', (name, schema) => {
  it.each(Object.keys(schema.shape))('%s: what it cannot be is said, and seen', (setting) => {
    for (const [, text] of texts) {
      const read = () => readSettings({ name, env: { [setting]: text }, argv: [] }, schema)
      const words = refusalOf(read)
      if (words === undefined) continue
      expect(read).toThrow(SettingsError)
      expectWords(words, setting)
    }
  })

  it('take no control characters, line breaks and halves of pairs where something is made of them', () => {
    for (const setting of Object.keys(schema.shape).filter((each) => !free.includes(each)))
      for (const text of ['a\0b', 'a\nb', '\x1b[2J', 'a\u2028b', 'a\u202eb', '\ud83d'])
        expect(
          refusalOf(() => readSettings({ name, env: { [setting]: text }, argv: [] }, schema)),
          setting,
        ).toBeDefined()
  })
})

it('the settings of the stack: what they cannot be is said, and seen', () => {
  for (const setting of [
    'KAFKA_BROKERS',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'ORDER_DATABASE_URL',
    'KAFKA_PORT',
    'KAFKA_TOPIC_PREFIX',
  ])
    for (const [, text] of texts) {
      const words = refusalOf(() => readStackSettings({ [setting]: text }))
      if (words !== undefined) expectWords(words, setting)
    }
})
