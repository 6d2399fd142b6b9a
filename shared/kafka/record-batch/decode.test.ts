import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBatch, mostBytes, mostRecords } from './decode.ts'
import { encodeBatch, encodeRecords, type SampleRecord } from './encode-batch.ts'

const recorded = (name: string): Promise<Buffer> => readFile(new URL(`recorded/${name}.batch`, import.meta.url))

const producers = ['java', 'librdkafka'].flatMap((producer) =>
  ['gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `${producer}-${codec}`),
)

const rows = Array.from({ length: 60_000 }, (_, row) => (row * 7919) % 97)

const textOf = (records: readonly SampleRecord[], compression: 'none' | 'gzip' | 'zstd' = 'none') =>
  encodeBatch({ bytes: encodeRecords(records), count: records.length, compression })

const damageOf = async (batch: Buffer): Promise<string> => {
  const { records } = await decodeBatch(batch)
  expect(records).toHaveLength(1)
  return records[0]?.damage ?? ''
}

describe('a batch of a real producer', () => {
  it.each(producers)('is read: %s', async (name) => {
    const { records } = await decodeBatch(await recorded(name))
    expect(records.map(({ damage }) => damage)).toEqual(Array.from({ length: 21 }))
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => String(index)))
    expect(records.map(({ key }) => key?.toString())).toEqual(
      records.map((_, index) => (index === 7 ? undefined : `key-${index}`)),
    )
    for (const [index, { value, headers, timestamp }] of records.slice(0, 20).entries()) {
      expect(JSON.parse(String(value))).toEqual({ number: index, text: 'so wird es gesagt, 取消 😀' })
      expect(headers.ce_id?.toString()).toBe(`id-${index}`)
      expect(headers.twice).toEqual([Buffer.from([0, 0xff]), null])
      expect(timestamp).toBe(String(1_764_000_000_000 + index))
    }
    // Longer than a block of each compression.
    expect(JSON.parse(String(records[20]?.value))).toEqual({ rows })
  })

  it.each(producers)('that is damaged anywhere becomes one record that says so: %s', async (name) => {
    const sound = await recorded(name)
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 22), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const batch = Buffer.from(sound)
        batch[21 + at] = (batch[21 + at] ?? 0) ^ flip
        expect(await damageOf(batch)).toMatch(/cannot be read: expected the checksum/)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a batch that cannot be read', () => {
  it('is given as it is, at its last offset, with what is wrong', async () => {
    const batch = encodeBatch({
      bytes: encodeRecords([{}, {}, {}]),
      count: 3,
      compression: 'unknown',
      firstOffset: 40n,
    })
    const { records } = await decodeBatch(batch)
    expect(records).toMatchObject([
      {
        offset: '42',
        value: batch,
        isControlRecord: false,
        damage:
          'the batch of offsets 40 to 42 cannot be read: expected a compression of none, gzip, snappy, lz4, zstd, got number 6',
      },
    ])
  })

  it.each(['gzip', 'zstd'] as const)('is one of %s that would fill the memory', async (compression) => {
    const bytes = encodeRecords([{ value: Buffer.alloc(mostBytes) }])
    expect(await damageOf(encodeBatch({ bytes, count: 1, compression }))).toMatch(/at most 16777216 bytes/)
  })

  it('is one of more messages than are taken', async () => {
    const bytes = encodeRecords([{}])
    expect(await damageOf(encodeBatch({ bytes, count: mostRecords + 1, compression: 'zstd' }))).toContain(
      'expected at most 50000 messages in a batch, got 50001',
    )
  })

  it.each([
    ['fewer records than it says', encodeBatch({ bytes: encodeRecords([{}]), count: 2 })],
    ['more records than it says', encodeBatch({ bytes: encodeRecords([{}, {}]), count: 1 })],
    ['a length beyond its end', encodeBatch({ bytes: Buffer.from([0x7e, 0]), count: 1 })],
    ['no record at all', encodeBatch({ bytes: Buffer.from([0x01]), count: 1 })],
    ['a number without an end', encodeBatch({ bytes: Buffer.alloc(20, 0xff), count: 1 })],
  ])('has %s', async (_, batch) => {
    expect(await damageOf(batch)).toMatch(/^the batch .* cannot be read: expected/)
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('holds anything in place of %s', async (compression) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const bytes = Buffer.from(noise)
        const batch = encodeBatch({ bytes, count: 1, compression })
        // Compressed after all by gzip and zstd: then the records are noise.
        expect((await decodeBatch(batch)).records).toHaveLength(1)
      }),
    )
  })
})

describe('a snappy or lz4 text that is damaged inside', () => {
  it.each(['java-snappy', 'librdkafka-snappy', 'java-lz4', 'librdkafka-lz4'])('ends in words: %s', async (name) => {
    const sound = await recorded(name)
    const compression = name.endsWith('lz4') ? 'lz4' : 'snappy'
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 62), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(sound.subarray(61))
        bytes[at] = byte
        // Its checksum is right: the decoder itself has to notice, or to give what fits. It never throws, and never reads on for ever.
        const { records } = await decodeBatch(encodeBatch({ bytes, count: 21, compression }))
        expect([1, 21]).toContain(records.length)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the headers of a message', () => {
  it('cost as much each, however many there are', async () => {
    const headers = Array.from({ length: 100_000 }, (_, index) => [`h${index}`, ''] as const)
    const { records } = await decodeBatch(textOf([{ headers }], 'zstd'))
    expect(Object.keys(records[0]?.headers ?? {})).toHaveLength(100_000)
  })

  it('are kept whatever they are called', async () => {
    const { records } = await decodeBatch(
      textOf([
        {
          headers: [
            ['__proto__', 'x'],
            ['', 'empty'],
          ],
        },
      ]),
    )
    expect(Object.entries(records[0]?.headers ?? {})).toEqual([
      ['__proto__', Buffer.from('x')],
      ['', Buffer.from('empty')],
    ])
  })
})
