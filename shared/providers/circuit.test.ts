import { expect, it } from 'vitest'
import { createCircuit } from './circuit.ts'

const given = () => {
  let now = 1_000_000
  const circuit = createCircuit({ failures: 3, restMs: 30_000, now: () => now })
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) circuit.heard(true)
  }
  return { ...circuit, fail, later: (ms: number) => (now += ms) }
}

it('lets everybody call until so many in a row came to nothing', () => {
  const { fail, heard, waitMs } = given()
  fail(2)
  heard(false)
  fail(2)
  expect(waitMs()).toBe(0)
  fail(1)
  expect(waitMs()).toBe(30_000)
})

it('lets one find out after a while, and the others wait for it', () => {
  const { fail, later, waitMs } = given()
  fail(3)
  later(30_000)
  expect([waitMs(), waitMs()]).toEqual([0, 30_000])
  // One that never says what came of it keeps nobody out for longer.
  later(30_000)
  expect(waitMs()).toBe(0)
})

it('is away while somebody meets that it is, not for ever after the last who asked', () => {
  const { fail, later, heard, isAway } = given()
  fail(3)
  expect(isAway()).toBe(true)
  later(600_000)
  expect(isAway()).toBe(true)
  later(30_000)
  expect(isAway()).toBe(false)
  fail(1)
  heard(false)
  expect(isAway()).toBe(false)
})

it('is closed by the first answer, and stays open by another failure', () => {
  const { fail, later, heard, waitMs, isOpen } = given()
  fail(3)
  later(30_000)
  waitMs()
  fail(1)
  expect([isOpen(), waitMs()]).toEqual([true, 30_000])
  later(30_000)
  waitMs()
  heard(false)
  expect([isOpen(), waitMs(), waitMs()]).toEqual([false, 0, 0])
})
