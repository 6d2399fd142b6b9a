import { describe, expect, it } from 'vitest'
import { cancelRequested } from './cancel-requests.ts'
import { exampleRequest } from './examples.ts'
import { check } from './explain.ts'

const told = (error: string | RegExp) => (typeof error === 'string' ? error : expect.stringMatching(error))

/** What a reader is told to be wrong with this data. */
const problems = (data: unknown): string | undefined => {
  const checked = check(cancelRequested, JSON.parse(JSON.stringify(data)))
  return checked.ok ? undefined : checked.problems
}

const request = exampleRequest
const requestTroubles: readonly [string, unknown, string | RegExp][] = [
  [
    'a note of 2,001 characters',
    { ...request, reason: { code: 'other', note: 'n'.repeat(2_001) } },
    'reason.note: expected a note of at most 2,000 characters, got a text of 2,001 characters',
  ],
  [
    'a note of 900 KB',
    { ...request, reason: { code: 'other', note: 'n'.repeat(900 * 1024) } },
    'reason.note: expected a note of at most 2,000 characters, got a text of 921,600 characters',
  ],
  [
    'an initiator outside the list',
    { ...request, initiator: { kind: 'robot' } },
    'initiator.kind: expected one of customer, merchant, support, system, got "robot"',
  ],
  [
    'a reason outside the list',
    { ...request, reason: { code: 'boredom' } },
    /^reason.code: expected one of changed-mind, .*, got "boredom"$/,
  ],
  [
    'a destination outside the list',
    { ...request, refundTo: 'cash' },
    'refundTo: expected one of original, store-credit, got "cash"',
  ],
  [
    'an empty list of lines',
    { ...request, lines: [] },
    'lines: expected at least one line, or no `lines` for the whole order, got an empty list',
  ],
  [
    'a line twice',
    {
      ...request,
      lines: [
        { lineId: '1', quantity: 1 },
        { lineId: '1', quantity: 2 },
      ],
    },
    'lines: expected each lineId once',
  ],
  [
    'a request id of 129 characters',
    { ...request, requestId: 'r'.repeat(129) },
    'requestId: expected an id of at most 128 characters, got a text of 129 characters',
  ],
]

describe('a cancel event', () => {
  it.each(requestTroubles)('with %s is a dead letter', (_what, data, error) => {
    expect(problems(data)).toEqual(told(error))
  })

  it('is for the whole order and the original means of payment when it does not say', () => {
    const { lines: _whole, refundTo: _original, ...short } = request
    expect(check(cancelRequested, short)).toEqual({ ok: true, data: { ...short, refundTo: 'original' } })
  })

  it('may have a note of 2,000 characters and ids of 128', () => {
    const longest = { ...request, requestId: 'r'.repeat(128), reason: { code: 'other', note: 'n'.repeat(2_000) } }
    expect(problems(longest)).toBeUndefined()
  })
})
