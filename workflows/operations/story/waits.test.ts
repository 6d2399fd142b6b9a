import { expect, it } from 'vitest'
import { waysOutOfWaiting } from './waits.ts'

const order = { merchantId: 'mer-3', customerId: 'cus-7' }

it('whoever cannot wait is told how to speak for the merchant and the customer, and how to stop it', () => {
  const ways = waysOutOfWaiting({ requestId: 'req-1', deadline: { of: 'merchant' }, order })
  expect(ways.filter((line) => line.startsWith('npm run'))).toEqual([
    'npm run saga -- decide req-1 --decision <approve|reject> --by <you> --on-behalf-of mer-3',
    'npm run saga -- withdraw req-1 --by <you> --on-behalf-of cus-7',
    'npm run saga -- cancel req-1 --by <you> --reason <why>',
  ])
  expect(ways.at(-1)).toBe('runbook: docs/runbooks/waiting.md')
})

it('nobody can decide for a carrier, and a bank that has the refund cannot be called back', () => {
  const ofCarrier = waysOutOfWaiting({ requestId: 'req-1', deadline: { of: 'carrier' }, order: null })
  expect(ofCarrier.join('\n')).not.toContain('decide')
  expect(ofCarrier).toContain('npm run saga -- withdraw req-1 --by <you> --on-behalf-of <customer>')
  expect(waysOutOfWaiting({ requestId: 'req-1', deadline: { of: 'bank' }, order })).toEqual([
    'runbook: docs/runbooks/waiting.md',
  ])
})

it('what comes by itself in a moment needs no way out', () => {
  expect(waysOutOfWaiting({ requestId: 'req-1', deadline: null, order })).toEqual([])
})
