import { CallFailed } from '@countermand/providers/call-failed.ts'
import { describe, expect, it } from 'vitest'
import { carrierThat } from '../test/given.ts'
import { interceptWith, resumeWith, voidWith } from './ask.ts'
import type { Carrier, CarrierCall, StatusResult } from './carrier.ts'

const call: CarrierCall = {
  ...{ orderId: 'ord-1', shipmentId: 'shp-1', carrier: 'ups', trackingNumber: '1Z', status: 'in-transit' },
  ...{ round: 1, idempotencyKey: 'key' },
}

/** A carrier that says `known` of the parcel, and notes what it is asked to do. */
const asked = (known: StatusResult, keyless = true) => {
  const calls: string[] = []
  const carrier = carrierThat({
    ...(keyless && { asksFirst: true }),
    stopStatus: async () => {
      calls.push('status')
      return known
    },
    voidLabel: async () => {
      calls.push('void')
      return { result: 'voided' }
    },
    requestIntercept: async () => {
      calls.push('intercept')
      return { result: 'accepted', askAgainMs: 60_000, carrierRef: 'int-7' }
    },
    resume: async () => {
      calls.push('resume')
      return { result: 'resumed' }
    },
  })
  return { carrier, calls }
}

describe('a carrier without keys', () => {
  it('is asked to stop a parcel only when it holds no stop of it', async () => {
    const { carrier, calls } = asked({ result: 'none' })
    expect(await interceptWith(carrier, call)).toMatchObject({ result: 'accepted', carrierRef: 'int-7' })
    expect(await voidWith(carrier, call)).toEqual({ result: 'voided' })
    expect(calls).toEqual(['status', 'intercept', 'status', 'void'])
  })

  it.each([
    [{ result: 'intercepted' }, { result: 'intercepted' }],
    [{ result: 'voided' }, { result: 'voided' }],
    [
      { result: 'refused', failure: 'ineligible', reason: 'too late' },
      { result: 'refused', failure: 'ineligible', reason: 'too late' },
    ],
    [
      { result: 'pending', askAgainMs: 900_000 },
      { result: 'accepted', askAgainMs: 900_000, carrierRef: 'key' },
    ],
  ] as const)('is not asked again for what it says is so: %o', async (known, result) => {
    const { carrier, calls } = asked(known)
    expect(await interceptWith(carrier, call)).toEqual(result)
    expect(calls).toEqual(['status'])
  })

  it('is known to have taken a stop on by the key of the call where it has said no id, and by its id where it has', async () => {
    const { carrier } = asked({ result: 'none' })
    const silent: Carrier = { ...carrier, requestIntercept: async () => ({ result: 'accepted', askAgainMs: 60_000 }) }
    expect(await interceptWith(silent, call)).toMatchObject({ result: 'accepted', carrierRef: 'key' })
    const holding = asked({ result: 'pending', askAgainMs: 60_000 }).carrier
    expect(await interceptWith(holding, { ...call, carrierRef: 'int-7' })).toMatchObject({ carrierRef: 'int-7' })
  })

  it('lets a parcel go on without a call when it holds no stop of it', async () => {
    const free = asked({ result: 'none' })
    expect([await resumeWith(free.carrier, call), free.calls]).toEqual([{ result: 'resumed' }, ['status']])
    const unsure = asked({ result: 'none', unsure: true })
    expect([await resumeWith(unsure.carrier, call), unsure.calls]).toEqual([
      { result: 'resumed' },
      ['status', 'resume'],
    ])
    const held = asked({ result: 'intercepted' })
    expect([await resumeWith(held.carrier, call), held.calls]).toEqual([{ result: 'resumed' }, ['status', 'resume']])
  })
})

it('a look before a stop that comes to nothing has asked its carrier for nothing', async () => {
  const { carrier } = asked({ result: 'none' })
  const lost: Carrier = {
    ...carrier,
    stopStatus: () => Promise.reject(new CallFailed('the answer was lost', 'unknown')),
  }
  await expect(interceptWith(lost, call)).rejects.toMatchObject({ reached: 'before-anything' })
  await expect(resumeWith(lost, call)).rejects.toMatchObject({ reached: 'unknown' })
})

it('a carrier that knows keys is only asked to do it: the key tells it what it has done', async () => {
  const { carrier, calls } = asked({ result: 'none' }, false)
  await interceptWith(carrier, call)
  await resumeWith(carrier, call)
  expect(calls).toEqual(['intercept', 'resume'])
})
