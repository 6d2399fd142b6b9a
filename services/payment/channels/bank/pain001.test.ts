import { describe, expect, it } from 'vitest'
import { decimal, pain001, sepaText } from './pain001.ts'

const transfer = (refundId: string, amount: number, currency = 'EUR') => ({
  ...{ refundId, orderId: `ord-${amount}`, amount, currency, name: 'Zoë Müller', iban: 'NL91ABNA0417164300' },
})
const file = (transfers: readonly ReturnType<typeof transfer>[], bic?: string) =>
  pain001({
    ...{ batchId: 'bat_1', at: '2026-11-29T23:00:00Z', on: '2026-11-30', transfers },
    debtor: { name: 'A & B GmbH', iban: 'DE89370400440532013000', bic },
  })

it.each([
  [3351, 'EUR', '33.51'],
  [5, 'EUR', '0.05'],
  [3351, 'JPY', '3351'],
  [1, 'KWD', '0.001'],
])('writes %d of %s as %s', (amount, currency, text) => {
  expect(decimal(amount, currency)).toBe(text)
})

it.each([
  ['Zoë Müller', 'Zoe Muller'],
  ['Łukasz Straße', 'Lukasz Strasse'],
  ["O'Neil & Sons <x>", "O'Neil Sons x"],
  ['山田', ''],
  [`${'a'.repeat(80)}`, 'a'.repeat(70)],
])('writes %s as banks take it', (given, written) => {
  expect(sepaText(given, 70)).toBe(written)
})

describe('the file', () => {
  it('has each refund once, under its own id, and their sum', () => {
    const text = file([transfer('ref_a', 3351), transfer('ref_b', 49)], 'COBADEFFXXX')
    expect(text.match(/<EndToEndId>.*?<\/EndToEndId>/g)).toEqual([
      ...['<EndToEndId>ref_a</EndToEndId>', '<EndToEndId>ref_b</EndToEndId>'],
    ])
    expect(text.match(/<CtrlSum>34\.00<\/CtrlSum>/g)).toHaveLength(2)
    expect(text.match(/<NbOfTxs>2<\/NbOfTxs>/g)).toHaveLength(2)
    expect(text).toContain('<InstdAmt Ccy="EUR">33.51</InstdAmt>')
    expect(text).toContain('<BICFI>COBADEFFXXX</BICFI>')
    expect(text).toContain('xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"')
  })

  it('asks for SEPA in euros alone, and says where the bank is not known', () => {
    expect(file([transfer('ref_a', 1)])).toMatch(/<SvcLvl>\s*<Cd>SEPA<\/Cd>[\s\S]*<Id>NOTPROVIDED<\/Id>/)
    expect(file([transfer('ref_a', 1, 'JPY')])).not.toContain('SEPA')
  })

  it('is no other file whatever somebody is called', () => {
    const text = file([{ ...transfer('ref_a', 1), orderId: '</Ustrd><x>', name: 'A</Nm><IBAN>' }])
    expect(text).not.toMatch(/<x>|<\/Nm><IBAN>/)
  })
})
