import { describe, expect, it } from 'vitest'
import { createTokens } from './oauth.ts'
import { Secret } from './secret.ts'

const hour = 3_600_000
const given = (lifeMs = hour) => {
  let now = 0
  let asked = 0
  const tokens = createTokens(() => now)
  const ask = async () => ({ token: new Secret(`token-${++asked}`), lifeMs })
  return {
    ...{ tokens, ask },
    find: async (name = 'acc-1') => (await tokens.find(name, ask)).reveal(),
    later: (ms: number) => {
      now += ms
    },
  }
}

describe('a token', () => {
  it('is asked for once by all who want it, and kept until a minute before its end', async () => {
    const { find, later } = given()
    expect(await Promise.all([find(), find()])).toEqual(['token-1', 'token-1'])
    later(hour - 60_001)
    expect(await find()).toBe('token-1')
    later(1)
    expect(await find()).toBe('token-2')
  })

  it('is each account’s own', async () => {
    const { find } = given()
    expect([await find('acc-1'), await find('acc-2'), await find('acc-1')]).toEqual(['token-1', 'token-2', 'token-1'])
  })

  it('that is not taken is dropped once, however many have met that', async () => {
    const { tokens, ask, find } = given()
    const first = await tokens.find('acc-1', ask)
    tokens.drop('acc-1', first)
    expect(await find()).toBe('token-2')
    tokens.drop('acc-1', first)
    expect(await find()).toBe('token-2')
  })

  it('that could not be had is asked for again', async () => {
    const { tokens, find } = given()
    await expect(tokens.find('acc-1', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await find()).toBe('token-1')
  })

  it('that lives for no time is used by who has asked, and not kept', async () => {
    const { find } = given(0)
    expect([await find(), await find()]).toEqual(['token-1', 'token-2'])
  })
})
