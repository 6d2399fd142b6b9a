import { describe, expect, it } from 'vitest'
import { readBankFile, Unusable } from './bank-answers.ts'

const camt = (kind: 'camt.053' | 'camt.054', entries: string) => {
  const [outer, inner] = kind === 'camt.053' ? ['BkToCstmrStmt', 'Stmt'] : ['BkToCstmrDbtCdtNtfctn', 'Ntfctn']
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:${kind}.001.08"><${outer}><GrpHdr><MsgId>m</MsgId></GrpHdr><${inner}><Id>1</Id>${entries}</${inner}></${outer}></Document>`
}
const entry = (side: 'DBIT' | 'CRDT', status: string, details: string) =>
  `<Ntry><Amt Ccy="EUR">99.00</Amt><CdtDbtInd>${side}</CdtDbtInd><Sts>${status}</Sts><NtryDtls>${details}</NtryDtls></Ntry>`
const details = (refundId: string, amount: string, more = '') =>
  `<TxDtls><Refs><EndToEndId>${refundId}</EndToEndId></Refs>${amount}${more}</TxDtls>`
const booked = '<Cd>BOOK</Cd>'
const said = (refundId: string, says: string, amount?: number, reason?: string) => ({
  ...{ refundId, says, reason, amount, currency: amount === undefined ? undefined : 'EUR' },
})

describe('a statement, or a notification', () => {
  it('says of each of our transfers that it is booked, in whatever entry it is', () => {
    const one = entry('DBIT', booked, details('ref_a', '<Amt Ccy="EUR">33.51</Amt>'))
    const two = entry(
      'DBIT',
      'BOOK',
      details('ref_b', '<AmtDtls><TxAmt><Amt Ccy="EUR">0.5</Amt></TxAmt></AmtDtls>') + details('ref_c', ''),
    )
    for (const kind of ['camt.053', 'camt.054'] as const)
      expect(readBankFile(camt(kind, one + two)).words).toEqual([
        ...[said('ref_a', 'booked', 3351), said('ref_b', 'booked', 50), said('ref_c', 'booked')],
      ])
  })

  it('says that one came back, with the bank’s code and none of its words', () => {
    const back = details(
      'ref_a',
      '<Amt Ccy="EUR">30.00</Amt>',
      '<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>DE89370400440532013000</AddtlInf></RtrInf>',
    )
    const found = readBankFile(camt('camt.054', entry('CRDT', booked, back)))
    expect(found.words).toEqual([said('ref_a', 'returned', undefined, 'AC04')])
    expect(JSON.stringify(found)).not.toContain('DE89')
  })

  it('says nothing of what is only announced, nor of what is not ours', () => {
    const pending = entry('DBIT', '<Cd>PDNG</Cd>', details('ref_a', ''))
    const others = entry('DBIT', booked, details('NOTPROVIDED', '')) + entry('CRDT', booked, '<TxDtls><Refs/></TxDtls>')
    expect(readBankFile(camt('camt.053', pending + others)).words).toEqual([])
  })

  it('is read whatever prefix its names have', () => {
    const text = camt('camt.053', entry('DBIT', booked, details('ref_a', ''))).replaceAll(/(<\/?)(?=[A-Z])/g, '$1c:')
    expect(readBankFile(text.replace('xmlns=', 'xmlns:c=')).words).toEqual([said('ref_a', 'booked')])
  })
})

const pain002 = (group: string, payments: string) =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>bat_1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>${group}</OrgnlGrpInfAndSts>${payments}</CstmrPmtStsRpt></Document>`

describe('a status report', () => {
  it('rejects single transfers, and says nothing of what is accepted', () => {
    const status = (refundId: string, code: string) =>
      `<TxInfAndSts><OrgnlEndToEndId>${refundId}</OrgnlEndToEndId><TxSts>${code}</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></TxInfAndSts>`
    const all = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>bat_1</OrgnlPmtInfId>${status('ref_a', 'RJCT')}${status('ref_b', 'ACSC')}</OrgnlPmtInfAndSts>`
    expect(readBankFile(pain002('<GrpSts>PART</GrpSts>', all))).toEqual({
      ...{ rejectedBatches: [], words: [said('ref_a', 'rejected', undefined, 'AC01')] },
    })
  })

  it('rejects a whole batch', () => {
    const whole = { batchId: 'bat_1', reason: 'AM04' }
    const why = '<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>'
    expect(readBankFile(pain002(`<GrpSts>RJCT</GrpSts>${why}`, '')).rejectedBatches).toEqual([whole])
    const payment = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>bat_1</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>${why}</OrgnlPmtInfAndSts>`
    expect(readBankFile(pain002('', payment)).rejectedBatches).toEqual([whole])
  })
})

describe('a file that cannot be used', () => {
  it.each([
    ['a page', '<html><body>502</body></html>', 'pain.002, camt.053 or camt.054'],
    ['no XML', 'IBAN DE89370400440532013000', 'expected'],
    ['half of one', camt('camt.053', '').slice(0, -20), 'expected XML, got none that is whole'],
    ['another document', '<Document><Other/></Document>', 'another document'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><Document/>', 'without a document type'],
    [
      'an amount that is none',
      camt('camt.053', entry('DBIT', booked, details('ref_a', '<Amt Ccy="EUR">1.005</Amt>'))),
      'an amount of EUR',
    ],
  ])('is said to be: %s', (_, text, words) => {
    expect(() => readBankFile(text)).toThrow(Unusable)
    expect(() => readBankFile(text)).toThrow(words)
    expect(() => readBankFile(text)).not.toThrow('DE89')
  })
})
