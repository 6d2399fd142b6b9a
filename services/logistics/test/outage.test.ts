import { CallFailed } from '@countermand/providers/call-failed.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Carrier } from '../carriers/carrier.ts'
import { acceptedOrder, carrierThat, parcel } from './given.ts'
import { createWorld } from './world.ts'

/** A carrier that cannot be called: nobody was asked, so that no attempt was made, for as long as a carrier may take to answer. */

const stepAttempts = 3
const outageMs = 7_000
const interceptPatienceMs = 60_000

type Trouble = 'away' | 'fails'
const troubles: Readonly<Record<Trouble, () => Error>> = {
  away: () => new CallFailed('acme is away', 'before-anything', { trouble: 'outage', retryAfterMs: outageMs }),
  fails: () => new CallFailed('acme fails', 'unknown'),
}

/** What is asked of a carrier, and how logistics comes to ask it. */
const operations = {
  voidLabel: { status: 'label-created', asked: ['StopShipment'] },
  requestIntercept: { status: 'in-transit', asked: ['StopShipment'] },
  resume: { status: 'in-transit', asked: ['StopShipment', 'ResumeShipment'] },
  relabel: { status: 'label-created', asked: ['StopShipment', 'ResumeShipment'] },
} as const
type Operation = keyof typeof operations

/** An order of which this is asked next; its first calls end so, the later ones well. */
const given = async (operation: Operation, course: readonly Trouble[]) => {
  const left = [...course]
  let calls = 0
  const carrier: Carrier = carrierThat({
    relabel: async ({ trackingNumber }) => ({ result: 'labelled', trackingNumber }),
  })
  const does = carrier[operation]
  const flawed = async (call: Parameters<typeof does>[0]) => {
    calls++
    const trouble = left.shift()
    if (trouble !== undefined) throw troubles[trouble]()
    return await does(call)
  }
  const settings = { stepAttempts, undoAttempts: stepAttempts, interceptPatienceMs, stepBackoffMs: 100 }
  const world = createWorld(settings, { acme: { ...carrier, [operation]: flawed } })
  const { status, asked } = operations[operation]
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', status), carrier: 'acme' }]))
  const ask = (name: 'StopShipment' | 'ResumeShipment', round = 1) =>
    world.send(name, { requestId: 'req-1', round, ...(name === 'StopShipment' ? { whole: true, lines: [] } : {}) })
  const [first, second] = asked
  let id = ask(first)
  if (second !== undefined) {
    await world.run()
    id = ask(second)
  }
  return { world, answer: () => world.lastAnswer(id), again: () => ask(second ?? first, 2), calls: () => calls }
}

const yes = {
  ...{ voidLabel: 'LabelVoided', requestIntercept: 'ShipmentIntercepted' },
  ...{ resume: 'ShipmentResumed', relabel: 'ShipmentResumed' },
} as const
const names = Object.keys(yes) as Operation[]

describe.each(names)('a carrier that is away when %s is asked of it', (operation) => {
  it('is waited for as long as it says, and no attempt is used up', async () => {
    const { world, answer, calls } = await given(operation, [
      ...Array.from({ length: 6 }, () => 'away' as const),
      'fails',
      'fails',
    ])
    await world.run(outageMs - 1)
    expect([answer(), calls()]).toEqual([undefined, 1])
    await world.run(6 * outageMs)
    expect([answer()?.type, calls()]).toEqual([yes[operation], 9])
  })

  it('for longer than a carrier may take to answer is told to a person, and asked again when that one says so', async () => {
    const { world, answer, again } = await given(
      operation,
      Array.from({ length: 10 }, () => 'away' as const),
    )
    await world.run(interceptPatienceMs - 1)
    expect(answer()).toBe(undefined)
    await world.run(2 * outageMs)
    expect(answer()).toMatchObject({ type: 'StepFailed', error: expect.stringContaining('acme is away') })
    const next = again()
    await world.run(2 * outageMs)
    expect(world.lastAnswer(next)?.type).toBe(yes[operation])
  })
})

it('whatever comes in whatever order, a round is given up after so many failures, and none of an outage counts', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(fc.constantFrom<Trouble[]>('away', 'fails'), { maxLength: 9 }),
      async (operation, course) => {
        const { world, answer, calls } = await given(operation, course)
        await world.run(interceptPatienceMs)
        const failures = course.filter((each) => each === 'fails').length
        const [third] = course.flatMap((each, place) => (each === 'fails' ? [place] : [])).slice(stepAttempts - 1)
        expect(calls()).toBe(third === undefined ? course.length + 1 : third + 1)
        expect(answer()).toMatchObject(
          failures < stepAttempts ? { type: yes[operation] } : { type: 'StepFailed', attempts: stepAttempts },
        )
      },
    ),
  ))

it('what a carrier was never asked for, because it was away, is not taken back from it', async () => {
  const { world, calls } = await given(
    'requestIntercept',
    Array.from({ length: 20 }, () => 'away' as const),
  )
  const undo = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
  await world.run(outageMs)
  expect(world.lastAnswer(undo)).toMatchObject({ type: 'ShipmentResumed', shipments: [{ result: 'not-needed' }] })
  expect([calls(), world.tasks()]).toEqual([1, []])
})

it('a carrier that is away while its answer is waited for is asked until that is due', async () => {
  let looks = 0
  const world = createWorld(
    { interceptPatienceMs },
    {
      acme: carrierThat({
        requestIntercept: async () => ({ result: 'accepted', askAgainMs: 1_000 }),
        stopStatus: async () => {
          looks++
          throw troubles.away()
        },
      }),
    },
  )
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', 'in-transit'), carrier: 'acme' }]))
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run(2 * interceptPatienceMs)
  expect(world.lastAnswer(stop)).toMatchObject({ type: 'InterceptFailed', shipments: [{ failure: 'no-answer' }] })
  expect(looks).toBe(Math.ceil((interceptPatienceMs - 1_000) / outageMs))
})

it('the label of a parcel that was held is given back when its carrier is back', async () => {
  let left = 5
  const world = createWorld(
    { labelVoid: 'after-refund', stepAttempts, interceptPatienceMs },
    {
      acme: carrierThat({
        voidLabel: async () => {
          if (left-- > 0) throw troubles.away()
          return { result: 'voided' }
        },
      }),
    },
  )
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', 'label-created'), carrier: 'acme' }]))
  world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  const held = { orderId: world.orderId, shipmentId: 'shp-1', requestId: 'req-1', held: true, at: world.iso() }
  world.tell('shipment.held.v1', held)
  const release = world.send('ReleaseLabels', { requestId: 'req-1', round: 1 })
  await world.run(5 * outageMs)
  expect(world.lastAnswer(release)).toMatchObject({ type: 'LabelsReleased', shipments: [{ result: 'label-voided' }] })
})
