import { expect, it } from 'vitest'
import { contactHashOf } from './guests.ts'
import { customerGates } from './limits.ts'
import { Problem } from './problems.ts'

const problemOf = (work: () => void) => {
  try {
    work()
    return expect.fail('expected a problem')
  } catch (error) {
    return error instanceof Problem ? error : expect.fail()
  }
}

const codeOf = (work: () => void): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof Problem ? error.code : expect.fail()
  }
}

it('refuses the 31st look-up of a network in an hour', () => {
  let minute = 0
  const gate = customerGates(() => minute * 60_000).lookUps
  const look = () => codeOf(() => gate(['from 192.0.2.1']))
  const codes = Array.from({ length: 31 }, (_, place) => {
    // Five at once, then a minute's rest.
    minute = Math.floor(place / 5) * 1.001
    return look()
  })
  expect(codes.slice(0, 5)).toEqual([undefined, undefined, undefined, undefined, undefined])
  expect(codes[30]).toBe('too-many-calls')
  minute = 120
  expect(look()).toBeUndefined()
})

it('counts nobody who is not let through', () => {
  const gate = customerGates(() => 0).lookUps
  for (const place of [1, 2, 3, 4, 5]) expect(codeOf(() => gate(['from a', `about ${place}`]))).toBeUndefined()
  for (const _ of [1, 2, 3, 4, 5, 6]) expect(codeOf(() => gate(['from a', 'about b']))).toBe('too-many-calls')
  expect(codeOf(() => gate(['from b', 'about b']))).toBeUndefined()
})

it('says when to try again, and takes it then', () => {
  let now = 0
  for (const { gate, most } of [
    { gate: customerGates(() => now).lookUps, most: 5 },
    { gate: customerGates(() => now).links, most: 30 },
    { gate: customerGates(() => now).forms, most: 20 },
  ]) {
    for (let each = 0; each < most; each++) gate(['one'])
    const { code, more } = problemOf(() => gate(['one']))
    expect(code).toBe('too-many-calls')
    expect(more.after).toBeGreaterThan(0)
    gate(['other'])
    now += (more.after ?? 0) * 1_000
    expect(codeOf(() => gate(['one']))).toBeUndefined()
  }
})

it('knows an address however it is written, by the key of the shop alone', () => {
  expect(contactHashOf('key', ' Ada@Example.org ')).toBe(contactHashOf('key', 'ada@example.org'))
  expect(contactHashOf('other key', 'ada@example.org')).not.toBe(contactHashOf('key', 'ada@example.org'))
  expect(contactHashOf('key', 'ada@example.org')).toMatch(/^[0-9a-f]{64}$/)
})
