import { readBankFile } from '@countermand/payment/channels/bank/bank-answers.ts'
import { pain001 } from '@countermand/payment/channels/bank/pain001.ts'
import { expect, it } from 'vitest'
import { createBank } from './bank.ts'

const transfer = (refundId: string, name: string, amount = 1250) => ({
  ...{ refundId, orderId: 'ord-1', amount, currency: 'EUR', name, iban: 'NL91ABNA0417164300' },
})
const file = pain001({
  ...{ batchId: 'bat_1', at: '2026-11-30T10:00:00Z', on: '2026-11-30' },
  debtor: { name: 'A shop', iban: 'DE89370400440532013000' },
  transfers: [transfer('ref_a', 'Ada'), transfer('ref_b', 'closed'), transfer('ref_c', 'returned', 999)],
})

it('carries out a file once, however often it comes, and tells of it in words that we read', () => {
  const bank = createBank()
  const told = bank.take(file)
  expect(bank.take(file)).toEqual(told)
  expect(bank.transfers().map(({ endToEndId, amount, state }) => [endToEndId, amount, state])).toEqual([
    ['ref_a', '12.50', 'booked'],
    ['ref_b', '12.50', 'rejected'],
    ['ref_c', '9.99', 'returned'],
  ])
  const words = told.flatMap((each) => readBankFile(each).words)
  expect(words.map(({ refundId, says, amount, reason }) => [refundId, says, amount, reason])).toEqual([
    ['ref_b', 'rejected', undefined, 'AC04'],
    ['ref_a', 'booked', 1250, undefined],
    ['ref_c', 'booked', 999, undefined],
    ['ref_c', 'returned', undefined, 'AC04'],
  ])
})

it('takes nothing of a file that does not add up', () => {
  const bank = createBank()
  expect(() => bank.take(file.replaceAll('<CtrlSum>34.99</CtrlSum>', '<CtrlSum>35.99</CtrlSum>'))).toThrow('add up')
  expect(bank.transfers()).toEqual([])
})
