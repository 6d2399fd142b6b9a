import { type AttentionReason, eventId } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { strange } from './judge.ts'
import { customer, type Input, type Meddling, merchant, rejectedInput, type Tracked } from './load.ts'

interface Told {
  readonly rejected?: readonly Input[]
  readonly attention?: readonly AttentionReason[]
  readonly meddlings?: readonly Meddling[]
}

const ended = (data: object, { rejected = [], attention = [], meddlings = [] }: Told = {}): Tracked => ({
  ...{ orderId: 'ord-1', requestId: 'req-1', workflowId: 'cancel-ord-1-req-1', published: true },
  foreseen: { outcomes: new Set(['withdrawn', 'refused', 'cancelled']), attention: new Set() },
  attention: new Set(attention),
  meddlings: [...meddlings],
  ends: [{ data } as Tracked['ends'][number]],
  rejected: new Map(rejected.map((input, place) => [`event-${place}`, input])),
})

const withdrawal = (by: string): Input => ({ name: 'withdraw', by })
const decision = (by: string): Input => ({ name: 'decide', by })

describe('an input of which the public was told that it changed nothing', () => {
  it.each([
    ['a withdrawal', { outcome: 'withdrawn', by: customer }, withdrawal(customer)],
    ["a merchant's no", { outcome: 'refused', code: 'merchant-rejected', by: merchant }, decision(merchant)],
    ["a meddler's withdrawal", { outcome: 'withdrawn', by: 'meddler-1' }, withdrawal('meddler-1')],
    ["a meddler's no", { outcome: 'refused', code: 'merchant-rejected', by: 'meddler-1' }, decision('meddler-1')],
  ])('is strange after the end that %s brought', (_, end, input) => {
    expect(strange(ended(end, { rejected: [input] }))).toEqual([expect.stringContaining('accepted once and for all')])
    expect(strange(ended(end))).toEqual([])
  })

  it('is as it should be when the end came from elsewhere, and strange when there are two of one', () => {
    const rejected = [withdrawal(customer)]
    expect(strange(ended({ outcome: 'cancelled' }, { rejected }))).toEqual([])
    expect(strange(ended({ outcome: 'withdrawn', by: 'operator' }, { rejected }))).toEqual([])
    expect(strange(ended({ outcome: 'cancelled' }, { rejected: [...rejected, ...rejected] }))).toHaveLength(1)
  })

  it('says nothing about what somebody else said', () => {
    const accepted = { outcome: 'withdrawn', by: customer }
    expect(strange(ended(accepted, { rejected: [withdrawal('meddler-1'), withdrawal('meddler-2')] }))).toEqual([])
    const rejected = [withdrawal(customer), withdrawal('meddler-1')]
    expect(strange(ended({ outcome: 'cancelled' }, { rejected }))).toEqual([])
    expect(strange(ended({ ...accepted, by: 'meddler-1' }, { rejected: [withdrawal(customer)] }))).toEqual([])
  })

  it("is its meddler's if its event says so, else the customer's or the merchant's", () => {
    const idOf = (inputId: string) =>
      eventId('ord-1', 'order.cancellation.input-rejected.v1', 'req-1', `input.${inputId}`)
    expect(rejectedInput(idOf('update:meddler-7'), 'withdraw')).toEqual(withdrawal('meddler-7'))
    expect(rejectedInput(idOf('event:0a1b2c'), 'withdraw')).toEqual(withdrawal(customer))
    expect(rejectedInput(idOf('event:0a1b2c'), 'decide')).toEqual(decision(merchant))
  })
})

describe('a refund that is owed still, or was paid twice', () => {
  it.each(['refund-refused-after-pivot', 'refunded-twice'] as const)(
    'needs nobody (%s), unless somebody settled it unasked',
    (reason) => {
      const meddled = (deed: Meddling['deed']) =>
        ended({ outcome: 'cancelled' }, { attention: [reason], meddlings: [{ by: 'meddler-1', deed }] })
      expect(strange(meddled('withdraw'))).toHaveLength(1)
      expect(strange(meddled('settle'))).toEqual([])
    },
  )
})
