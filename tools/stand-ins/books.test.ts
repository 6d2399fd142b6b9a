import { describe, expect, it } from 'vitest'
import { bookDifferences, movedThere, type Ours, type Theirs } from './books.ts'

const ours = (state: string, more: Partial<Ours> = {}): Ours => ({
  ...{ account: 'stripe-eu', refundId: 'ref_1', state, amount: 3351, currency: 'EUR' },
  ...more,
})
const theirs = (state: Theirs['state'], more: Partial<Theirs> = {}): Theirs => ({
  ...{ account: 'stripe-eu', refundId: 'ref_1', ref: 're_1', state, amount: 3351, currency: 'EUR' },
  ...more,
})

describe('the books of a provider and ours', () => {
  it.each([
    ['moved once here and there', [ours('succeeded')], [theirs('moved')]],
    ['refused here, and nothing there', [ours('failed')], []],
    ['refused here, and a try that failed there', [ours('failed')], [theirs('failed')]],
    ['reversed here, and come back there', [ours('reversed')], [theirs('failed')]],
    ['on its way here and there', [ours('pending')], [theirs('pending')]],
    ['moved there, of which we have not heard yet', [ours('pending')], [theirs('moved')]],
    ['asked for, and not there yet', [ours('submitted')], []],
    ['made at another try there', [ours('succeeded')], [theirs('failed'), theirs('moved', { ref: 're_2' })]],
  ])('agree: %s', (_, here, there) => {
    expect(bookDifferences(here, there)).toEqual([])
  })

  it.each([
    [
      'twice there',
      [ours('succeeded')],
      [theirs('moved'), theirs('moved', { ref: 're_2' })],
      'once there, got re_1, re_2',
    ],
    [
      'once there and again on its way',
      [ours('submitted')],
      [theirs('moved'), theirs('pending', { ref: 're_2' })],
      'once',
    ],
    ['not there', [ours('succeeded')], [], 'to have moved there, got nothing'],
    ['only on its way there', [ours('succeeded')], [theirs('pending')], 'to have moved there, got pending'],
    ['accepted here and unknown there', [ours('pending')], [], 'to be known there'],
    ['refused here and moved there', [ours('failed')], [theirs('moved')], 'no money to have moved there, got re_1'],
    ['never asked for and moved there', [ours('planned')], [theirs('moved')], 'no money to have moved there'],
    ['reversed here and still away there', [ours('reversed')], [theirs('moved')], 'no money to have moved there'],
    [
      'another amount',
      [ours('succeeded')],
      [theirs('moved', { amount: 3350 })],
      'the same amount there, got 33.50 EUR',
    ],
    ['another currency', [ours('succeeded')], [theirs('moved', { currency: 'USD' })], 'the same amount there'],
    ['nobody asked for it', [], [theirs('moved')], 'nobody to have asked for re_1'],
    ['it has no id of ours', [ours('failed')], [theirs('moved', { refundId: undefined })], 'nobody to have asked'],
    ['at another account', [ours('succeeded')], [theirs('moved', { account: 'paypal-eu' })], 'to have moved there'],
  ])('differ: %s', (_, here, there, words) => {
    expect(bookDifferences(here, there)).toEqual([expect.stringContaining(words)])
  })

  it('are added up by account and currency, of what is settled here', () => {
    const here = ['ref_1', 'ref_2', 'ref_3', 'ref_4'].map((refundId) =>
      ours(refundId === 'ref_4' ? 'pending' : 'succeeded', { refundId }),
    )
    const there = [
      ...[theirs('moved'), theirs('moved', { refundId: 'ref_2', amount: 49 })],
      ...[theirs('moved', { refundId: 'ref_3', currency: 'JPY' }), theirs('moved', { refundId: 'ref_4' })],
    ]
    expect(movedThere(here, there)).toEqual({ 'stripe-eu EUR': 3400, 'stripe-eu JPY': 3351 })
  })
})
