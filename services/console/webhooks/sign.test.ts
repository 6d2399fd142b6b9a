import { expect, it } from 'vitest'
import { sign } from './sign.ts'

// Made by npm standardwebhooks 1.1.1, Webhook.sign.
const vector = {
  id: 'msg_1',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  at: 1_795_165_204,
  body: '{"type":"shipment.updated","timestamp":"2026-11-20T10:00:00Z","data":{"note":"Grüße","weight":136.0}}',
  signature: 'v1,PQsod86wMCyE7pQ+KEvdspjMIW5/Tv+c3CnW2la37Jw=',
}
const { id, secret, at, body, signature } = vector

it('signs as the reference library does', () => {
  expect(sign(id, body, [secret], at * 1_000 + 999)).toEqual({
    ...{ 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature },
  })
})

it('signs by every secret that counts, the newest first', () => {
  const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
  const { 'webhook-signature': all } = sign(id, body, [other, secret], at * 1_000)
  expect(all.split(' ')).toHaveLength(2)
  expect(all.split(' ')[1]).toBe(signature)
  expect(all.split(' ')[0]).not.toBe(signature)
})
