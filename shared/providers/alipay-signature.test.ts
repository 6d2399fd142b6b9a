import { readFileSync } from 'node:fs'
import { standInKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alipaySettings } from './account.ts'
import { alipayAnswerIn, alipayAnswerSigned, alipayRequest, fromYuan, toYuan } from './alipay-signature.ts'

const by = { by: z.string() }
const file = new URL('../../services/gateway/senders/alipay-vectors.json', import.meta.url)
const { appId, at, content, requests, answers } = z
  .object({
    ...{ appId: z.string(), at: z.string(), content: z.looseObject({}) },
    requests: z.array(z.object({ ...by, sign: z.string() })),
    answers: z.array(z.object({ ...by, body: z.string() })),
  })
  .parse(JSON.parse(readFileSync(file, 'utf8')))
const method = 'alipay.trade.refund'
const { publicKeys } = alipaySettings.parse({ appId, publicKeys: [standInPublicKey] })

it.each(requests)('a request to Alipay is signed as $by signs it', ({ sign }) => {
  const { path } = alipayRequest({ method, content }, appId, standInKey, Date.parse(at))
  expect(new URLSearchParams(path.split('?')[1]).get('sign')).toBe(sign)
})

describe('an answer that Alipay’s own library has signed', () => {
  it.each(answers)('is found as its text is, and is Alipay’s: %#', ({ body }) => {
    const { sign } = z.object({ sign: z.string() }).parse(JSON.parse(body))
    const text = alipayAnswerIn(body, method) ?? ''
    expect(JSON.parse(text)).toMatchObject({ code: '10000' })
    expect(alipayAnswerSigned(text, sign, publicKeys)).toBe(true)
    expect(alipayAnswerSigned(JSON.stringify(JSON.parse(text.replace('10000', '10001'))), sign, publicKeys)).toBe(false)
  })

  it.each([
    '',
    '{',
    '<html>',
    '{"alipay_trade_query_response":{}}',
    '{"alipay_trade_refund_response":{',
    '{"error":1}',
  ])('is none in %j', (body) => expect(alipayAnswerIn(body, method)).toBeUndefined())

  it('is the object of that name, whatever is in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object)
        expect(alipayAnswerIn(`{"alipay_trade_refund_response":${text},"sign":"}"}`, method)).toBe(text)
      }),
    )
  })
})

describe('yuan', () => {
  it('are fen again', () => {
    fc.assert(fc.property(fc.nat(99_999_999_999), (fen) => void expect(fromYuan(toYuan(fen))).toBe(fen)))
    expect([toYuan(5), toYuan(100), fromYuan('7'), fromYuan('7.5')]).toEqual(['0.05', '1.00', 700, 750])
  })
  it.each(['', '-1', '1.005', '1,00', '1e3', '.5'])('are not %j', (text) => expect(fromYuan(text)).toBeUndefined())
})

it.each([{ appId: 'app' }, { publicKeys: [] }, { publicKeys: ['no key'] }, { sellerId: '1' }, { privateKey: 'here' }])(
  'an account at Alipay is none with %j',
  (wrong) => expect(alipaySettings.safeParse({ appId, publicKeys: [standInPublicKey], ...wrong }).success).toBe(false),
)
