import { describe, expect, test } from 'vitest'
import { request, tender } from '../testing/world.ts'
import { openSaga, type Saga } from './saga.ts'
import { details, money, resolveCommand } from './words.ts'

const saga = (): Saga => openSaga({ orderId: 'ord-1', requestId: 'req-1', requested: { request, digest: 'd' } })

describe('money', () => {
  test.each([
    [3351, 'EUR', '33.51 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [3351, 'JPY', '3351 JPY'],
    [3351, 'KWD', '3.351 KWD'],
  ])('%d of %s is %s', (amount, currency, words) => {
    expect(money(amount, currency)).toBe(words)
  })
})

describe('current details', () => {
  test('say where the saga is and what it waits for', () => {
    const since = '2026-11-20T10:00:00.000Z'
    const waiting = {
      ...saga(),
      stage: 'refunding' as const,
      waits: [{ for: 'Refund 33.51 EUR', since }],
      refunds: [tender('pending')],
    }
    expect(details(waiting).split('\n')).toEqual([
      '**Stage: refunding**',
      `Waiting for Refund 33.51 EUR since ${since}`,
      'Refunds:',
      '- 33.51 EUR sandbox-card: pending',
    ])
  })

  test('say what is stuck, since when, why, and the exact command that resolves it', () => {
    const parked: Saga = saga()
    parked.parked.push({
      what: 'Stop the parcels of ord-1',
      attention: {
        reason: 'step-failed',
        step: 'stop-parcels',
        direction: 'do',
        round: 2,
        error: 'the carrier does not answer',
        since: '2026-11-20T10:00:00.000Z',
        remedies: ['retry', 'refund-elsewhere'],
      },
      resolution: undefined,
      answer: undefined,
    })
    expect(details(parked)).toBe(`**Stage: requested**
**Needs attention** (step-failed) since 2026-11-20T10:00:00.000Z
- stuck: Stop the parcels of ord-1 (stop-parcels, do, round 2)
- error: the carrier does not answer
- resolve it with one of:
  - \`npm run saga -- resolve req-1 --decision retry --by <you> --reason <why>\`
  - \`npm run saga -- resolve req-1 --decision refund-elsewhere --to <store-credit|bank-transfer> --by <you> --reason <why>\``)
  })

  test('say why the saga turned back, and what was taken back', () => {
    const turned: Saga = {
      ...saga(),
      stage: 'undoing',
      turning: { outcome: 'compensated', code: 'intercept-failed', stage: 'confirming' },
      undone: ['Reserve the stock of ord-1 again'],
    }
    expect(details(turned)).toContain('Turned back while confirming: **compensated** (intercept-failed)')
    expect(details(turned)).toContain('- Reserve the stock of ord-1 again')
  })
})

test('the command to resolve names the request', () => {
  expect(resolveCommand('req-9', 'skip')).toBe(
    'npm run saga -- resolve req-9 --decision skip --by <you> --reason <why>',
  )
})
