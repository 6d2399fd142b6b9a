import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '@countermand/settings'
import { afterAll, describe, expect, it } from 'vitest'
import { orderSettings } from './settings.ts'

const home = mkdtempSync(join(tmpdir(), 'order-settings-'))
afterAll(() => rmSync(home, { recursive: true }))

const read = (env: NodeJS.ProcessEnv) => readSettings({ name: 'order', env, argv: [] }, orderSettings)

const withFile = (content: string) => {
  const path = join(home, `policies-${Math.random()}.json`)
  writeFileSync(path, content)
  return { POLICIES_FILE: path }
}

describe('the settings of the order service', () => {
  it('have the promised policies by default', () => {
    expect(read({})).toMatchObject({
      ORDER_HTTP_PORT: 8081,
      CANCEL_WINDOW: 30 * 86_400_000,
      MERCHANT_APPROVAL: 'when-shipped',
      MERCHANT_DEADLINE: 86_400_000,
      MERCHANT_SILENCE: 'approve',
      BLOCKED_CUSTOMERS: [],
      REFUND_FALLBACK: 'attention',
      POLICIES_FILE: { markets: new Map(), merchants: new Map() },
    })
  })

  it('take policies by market and by merchant from a file', () => {
    const file = {
      markets: { DE: { CANCEL_WINDOW: '14d' } },
      merchants: { 'mer-3': { MERCHANT_APPROVAL: 'always', BLOCKED_CUSTOMERS: 'cus-1, cus-2' } },
    }
    const { POLICIES_FILE } = read(withFile(JSON.stringify(file)))
    expect(POLICIES_FILE.markets.get('DE')).toEqual({ CANCEL_WINDOW: 14 * 86_400_000 })
    expect(POLICIES_FILE.merchants.get('mer-3')).toEqual({
      MERCHANT_APPROVAL: 'always',
      BLOCKED_CUSTOMERS: ['cus-1', 'cus-2'],
    })
  })

  it('list the mistakes of the file together with all others', () => {
    const file = withFile(JSON.stringify({ markets: { DE: { CANCEL_WINDOW: 'soon', CANCEL_WINDW: '1d' } } }))
    const wrong = () => read({ ...file, MERCHANT_SILENCE: 'maybe' })
    expect(wrong).toThrow(/POLICIES_FILE\.markets\.DE\.CANCEL_WINDOW: expected a duration/)
    expect(wrong).toThrow(/POLICIES_FILE\.markets\.DE: .*CANCEL_WINDW/)
    expect(wrong).toThrow(/MERCHANT_SILENCE/)
  })

  it('name the file that is not there or is no JSON', () => {
    expect(() => read({ POLICIES_FILE: join(home, 'none.json') })).toThrow(
      /POLICIES_FILE: expected a JSON file at .*none/,
    )
    expect(() => read(withFile('{'))).toThrow(/POLICIES_FILE: expected a JSON file/)
  })
})
