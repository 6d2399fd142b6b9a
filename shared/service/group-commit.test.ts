import { describe, expect, it } from 'vitest'
import { groupCommit } from './group-commit.ts'
import type { LetterWork } from './work.ts'

const work = (offset: number): LetterWork => ({
  kind: 'letter',
  raw: { topic: 'orders.placed.v1', partition: 0, offset: String(offset), key: null, value: null, headers: {} },
  ...{ reason: 'unreadable-json', error: 'expected JSON', attempts: 1, asker: undefined },
})
const works = (from: number, count: number) => Array.from({ length: count }, (_, index) => work(from + index))

/** A transactor whose transactions each end when the test says so. */
const slow = () => {
  const open: { readonly offsets: number[]; readonly end: (error?: Error) => void }[] = []
  const grouped = groupCommit<object>({
    transact: (group) =>
      new Promise((resolve, reject) => {
        const offsets = group.map((each) => (each.kind === 'letter' ? Number(each.raw.offset) : Number.NaN))
        open.push({ offsets, end: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
  })
  return { open, transact: grouped.transact }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('works that come to a transactor', () => {
  it('alone go at once; what comes in the same turn goes with them, in its order', async () => {
    const { open, transact } = slow()
    const first = transact(works(1, 2))
    const second = transact(works(3, 1))
    await turn()
    expect(open.map(({ offsets }) => offsets)).toEqual([[1, 2, 3]])
    open[0]?.end()
    await Promise.all([first, second])
  })

  it('while two transactions are under way wait, and go together when one of them ends', async () => {
    const { open, transact } = slow()
    const all: Promise<void>[] = []
    for (const from of [1, 2, 3, 4, 5]) {
      all.push(transact(works(from, 1)))
      await turn()
    }
    expect(open.map(({ offsets }) => offsets)).toEqual([[1], [2]])
    open[1]?.end()
    await turn()
    expect(open.map(({ offsets }) => offsets)).toEqual([[1], [2], [3, 4, 5]])
    for (const { end } of open) end()
    await Promise.all(all)
  })

  it('are told of the failure of their own transaction, and of no other', async () => {
    const { open, transact } = slow()
    const failed = transact(works(1, 1))
    await turn()
    const fine = transact(works(2, 1))
    await turn()
    open[0]?.end(new Error('the database is away'))
    open[1]?.end()
    await expect(failed).rejects.toThrow('the database is away')
    await fine
    const next = transact(works(3, 1))
    await turn()
    open[2]?.end()
    await next
  })

  it('make no transaction of more than five hundred, and are never split', async () => {
    const { open, transact } = slow()
    const all = [transact(works(0, 400)), transact(works(400, 200)), transact(works(600, 700))]
    await turn()
    await turn()
    expect(open.map(({ offsets }) => offsets.length)).toEqual([400, 200])
    for (const { end } of open) end()
    await turn()
    expect(open.map(({ offsets }) => offsets.length)).toEqual([400, 200, 700])
    open[2]?.end()
    await Promise.all(all)
  })
})
