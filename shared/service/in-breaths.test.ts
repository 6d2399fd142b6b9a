import type { IncomingMessage } from '@countermand/kafka/message.ts'
import { expect, it } from 'vitest'
import { inBreaths } from './in-breaths.ts'

const message = (offset: number, bytes: number): IncomingMessage => ({
  ...{ topic: 't', partition: 0, offset: String(offset), key: null, headers: {} },
  value: Buffer.alloc(bytes),
})

it('lets others have their turn between large messages, and keeps their order', async () => {
  let turns = 0
  const others = setInterval(() => {
    turns += 1
  }, 0)
  const turnsSeen: number[] = []
  const read = await inBreaths(
    Array.from({ length: 20 }, (_, offset) => message(offset, 250_000)),
    ({ offset }) => {
      const until = performance.now() + 2
      while (performance.now() < until);
      turnsSeen.push(turns)
      return offset
    },
  )
  clearInterval(others)
  expect(read).toEqual(Array.from({ length: 20 }, (_, offset) => String(offset)))
  // A timer of 1 ms has its turn in each breath after 2 ms of work.
  expect(new Set(turnsSeen).size).toBeGreaterThan(10)
})

it('takes a batch of small messages in one go', async () => {
  let turned = false
  setImmediate(() => {
    turned = true
  })
  await inBreaths(
    Array.from({ length: 100 }, (_, offset) => message(offset, 500)),
    () => expect(turned).toBe(false),
  )
})
