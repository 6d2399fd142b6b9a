import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inGroups } from './in-groups.ts'

test('keeps the order within a group, and works on no more groups at once than it may', async () => {
  const done: string[] = []
  let busy = 0
  let most = 0
  const groups = ['a', 'b', 'c', 'd'].map((name) => [1, 2, 3].map((number) => `${name}${number}`))
  await inGroups(groups, 2, async (item) => {
    most = Math.max(most, ++busy)
    await sleep(1)
    done.push(item)
    busy--
  })
  expect(most).toBe(2)
  for (const group of groups) expect(done.filter((item) => group.includes(item))).toEqual(group)
})

test('stops a group at its first error, and waits for what is under way before it rejects', async () => {
  const done: number[] = []
  const work = async (item: number) => {
    if (item === 1) throw new Error('no')
    await sleep(5)
    done.push(item)
  }
  await expect(inGroups([[1, 2], [3]], 2, work)).rejects.toThrow('no')
  expect(done).toEqual([3])
})
