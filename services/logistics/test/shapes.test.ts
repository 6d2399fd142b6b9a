import type { EventData } from '@countermand/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Carrier } from '../carriers/carrier.ts'
import { acceptedOrder, parcel } from './given.ts'
import { type Fault, shapes } from './shapes.ts'
import { createWorld } from './world.ts'

const minute = 60_000
const given = (carrier: Carrier) => {
  const settings = { stepAttempts: 4, undoAttempts: 4, stepBackoffMs: 1_000, interceptPatienceMs: 60 * minute }
  const world = createWorld(settings, { acme: carrier })
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'SF-1', 'in-transit'), carrier: 'acme' }]))
  const stop = (round = 1, requestId = 'req-1') =>
    world.send('StopShipment', { requestId, round, whole: true, lines: [] })
  const resume = (round = 1) => world.send('ResumeShipment', { requestId: 'req-1', round })
  let told = 0
  const tell = (about: Partial<EventData<'carrier.notified.v1'>>) =>
    world.tell('carrier.notified.v1', {
      ...{ orderId: world.orderId, shipmentId: 'shp-1', carrier: 'acme', trackingNumber: 'SF-1' },
      ...{ account: 'acme-cn', provider: 'x-acme', notificationId: `n-${++told}`, occurredAt: world.iso() },
      ...{ kind: 'outcome', ...about },
    })
  return { ...world, stop, resume, tell, progress: () => world.order()?.stops[0]?.parcels[0]?.progress.state }
}

describe('a carrier that says by a callback alone what became of an intercept', () => {
  const taken = async (...faults: Fault[]) => {
    const shape = shapes.kuaidi100()
    shape.faults.push(...faults)
    const world = given(shape.carrier)
    const stop = world.stop()
    await world.run(minute)
    return { ...world, ...shape, stopped: () => world.lastAnswer(stop) }
  }

  it('is believed where its word can be checked, and the intercept is its own', async () => {
    const yes = await taken()
    expect(yes.progress()).toBe('accepted')
    yes.tell({ carrierRef: 'KD9', outcome: { result: 'intercepted' } })
    expect(yes.progress()).toBe('accepted')
    yes.tell({ carrierRef: 'KD1', outcome: { result: 'intercepted' } })
    expect(yes.stopped()?.type).toBe('ShipmentIntercepted')

    const no = await taken()
    no.tell({ carrierRef: 'KD1', outcome: { result: 'refused', reason: 'signed for already' } })
    expect(no.stopped()).toMatchObject({ type: 'InterceptFailed' })
    expect(no.order()?.stops[0]?.parcels[0]?.progress).toMatchObject({ reason: 'signed for already', open: false })
    expect([...yes.deadLetters, ...no.deadLetters]).toEqual([])
  })

  it('gives a hint where it cannot: nobody can be asked, and its patience decides', async () => {
    const world = await taken()
    world.tell({ kind: 'look', carrierRef: 'KD1', outcome: { result: 'intercepted' } })
    await world.run(minute)
    expect(world.progress()).toBe('accepted')
    await world.run(60 * minute)
    expect(world.stopped()).toMatchObject({ type: 'InterceptFailed', shipments: [{ failure: 'no-answer' }] })
  })

  it('is ordered once under a number of ours, also when its answer was lost', async () => {
    const world = await taken('lost-answer', 'lost-question')
    expect([world.orders.size, world.progress()]).toEqual([1, 'accepted'])
    world.tell({ carrierRef: 'KD1', outcome: { result: 'intercepted' } })
    expect(world.stopped()?.type).toBe('ShipmentIntercepted')
  })

  it('takes none back: a person sees to the parcel, with its words', async () => {
    const world = await taken()
    const undo = world.resume()
    await world.run(minute)
    expect(world.lastAnswer(undo)).toMatchObject({
      type: 'StepFailed',
      error: expect.stringContaining('cannot be taken back'),
    })
  })

  it('that tells of a stop which nobody waits for changes nothing', async () => {
    const world = await taken()
    world.tell({ carrierRef: 'KD1', outcome: { result: 'refused' } })
    world.tell({ carrierRef: 'KD1', outcome: { result: 'intercepted' } })
    expect(world.stopped()?.type).toBe('InterceptFailed')
  })
})

describe('a carrier of whose intercepts one succeeds', () => {
  const faults = fc.array(fc.constantFrom<Fault>('none', 'lost-question', 'lost-answer'), { maxLength: 5 })

  it('is asked once, whatever is lost; once taken back, the next request is told no, and the parcel goes', () =>
    fc.assert(
      fc.asyncProperty(faults, async (planned) => {
        const { carrier, faults, intercepts } = shapes.sfExpress()
        faults.push(...planned)
        const world = given(carrier)
        const settled = async (send: (round: number) => string) => {
          for (let round = 1; round <= 5; round++) {
            const id = send(round)
            await world.run(minute)
            const answer = world.lastAnswer(id)
            if (answer !== undefined && answer.type !== 'StepFailed') return answer.type
          }
          throw new Error('expected an answer within five rounds')
        }
        expect(await settled((round) => world.stop(round))).toBe('ShipmentIntercepted')
        expect(await settled((round) => world.resume(round))).toBe('ShipmentResumed')
        expect(intercepts.get('SF-1')).toBe('taken back')
        expect(await settled((round) => world.stop(round, 'req-2'))).toBe('InterceptFailed')
        expect(intercepts.get('SF-1')).toBe('taken back')
      }),
      { numRuns: 50 },
    ))
})
