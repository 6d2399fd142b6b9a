import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keptIn } from './kept.ts'
import { apiVersion, createApi } from './stripe/api.ts'
import { createBook } from './stripe/book.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-'))
})
afterAll(() => rm(folder, { recursive: true }))

const refund = (key: string) => ({
  ...{ method: 'POST', path: '/v1/refunds', query: new URLSearchParams(), body: 'payment_intent=pi_ok_1&amount=100' },
  headers: { authorization: 'Bearer sk_1', 'stripe-version': apiVersion, 'idempotency-key': key },
})

describe('a stand-in that is killed and started again with its book', () => {
  it('knows what it has answered, and answers the same key as before', () => {
    const file = join(folder, 'a.book')
    const start = () => {
      const kept = keptIn(file)
      const book = createBook(() => 0, kept)
      return { kept, book, api: createApi(book, { apiKey: 'sk_1' }, kept) }
    }
    const before = start()
    const first = before.api.answer(refund('ref_1'))
    before.kept.save()

    const after = start()
    expect(after.book.refunds()).toMatchObject([{ amount: 100 }])
    expect(after.api.answer(refund('ref_1')).body).toEqual(first.body)
    expect(after.book.refunds()).toHaveLength(1)
    after.api.answer(refund('ref_2'))
    expect(new Set(after.book.refunds().map(({ id }) => id)).size).toBe(2)
  })

  it('forgets what it had not written down', () => {
    const file = join(folder, 'b.book')
    keptIn(file).map('one').set('a', 1)
    expect(keptIn(file).map('one').size).toBe(0)
  })
})
