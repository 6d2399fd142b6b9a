import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { upsFaults } from '@countermand/tools/stand-ins/ups/stand-in.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/ups/started.ts'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { carriers } from '../carriers/index.ts'
import { acceptedOrder, parcel } from './given.ts'
import { carrierInMemory } from './memory-book.ts'
import { createWorld } from './world.ts'

/** Logistics, UPS's adapter and its way there as they are, whatever goes wrong: the stand-in's book shows what was done. */

const credentials = { clientId: 'app-1', clientSecret: 'a secret planted in faults of ups' }
const hour = 3_600_000
const day = 24 * hour
let standIn: StartedStandIn
/** The clock of the order that is played. */
let now = () => 0
beforeAll(async () => {
  standIn = await startStandIn(credentials, 400, () => now())
})
afterAll(() => standIn.close())

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  standIn.clear()
  for (const close of closing.splice(0)) await close()
})

let parcels = 0
const numberOf = (habit: string, status: 'label-created' | 'in-transit') =>
  `1Z${status === 'label-created' ? 'L' : 'R'}${habit}${String(++parcels).padStart(15 - habit.length, '0')}`

const given = (
  status: 'label-created' | 'in-transit',
  habit = 'OK',
  labelVoid: 'before-refund' | 'by-carrier' = 'before-refund',
) => {
  const http = openHttp({ answerMs: 250, circuit: { now: () => now() } })
  closing.push(() => http.close())
  const account = {
    ...{ name: 'ups-us', provider: 'ups', baseUrl: standIn.url },
    settings: { clientId: credentials.clientId, contact: { name: 'Returns', telephone: '+14107495070' } },
    secrets: new Map([['clientSecret', [new Secret(credentials.clientSecret)]]]),
  }
  const accounts = { find: () => account, nameFor: () => account.name }
  const world = createWorld(
    {
      ...{ stepAttempts: 4, undoAttempts: 4, stepBackoffMs: 1_000, labelVoid },
      ...{ interceptPatienceMs: 6 * hour, labelPatienceMs: day },
    },
    carriers({ sandbox: carrierInMemory().sandbox, http, accounts }),
  )
  now = world.now
  const trackingNumber = numberOf(habit, status)
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', trackingNumber, status), carrier: 'ups' }]))
  let made = 0
  /** The shop makes the labels that it is asked for. */
  const makeLabels = () => {
    for (const _ of world.labelsWanted.slice(made)) {
      made++
      const label = { ...parcel('shp-1', numberOf('OK', 'label-created'), 'label-created'), carrier: 'ups' }
      world.tell('shipment.updated.v1', { ...label, orderId: world.orderId, at: world.iso() })
    }
  }
  /** Sends it until there is an answer that is no technical failure, as a person does who says retry. */
  const settle = async (name: 'StopShipment' | 'ResumeShipment' | 'ReleaseLabels') => {
    const rounds: string[] = []
    for (let round = 1; round <= 12; round++) {
      const data = { requestId: 'req-1', round, ...(name === 'StopShipment' ? { whole: true, lines: [] } : {}) }
      const id = world.send(name, data)
      await world.run(hour)
      makeLabels()
      await world.run(8 * hour)
      const answer = world.lastAnswer(id)
      rounds.push(JSON.stringify(answer))
      // A carrier's no to an undo is for a person, and stays one.
      const isNo = answer?.type === 'StepFailed' && answer.error.includes('does not let')
      if (answer !== undefined && (isNo || answer.type !== 'StepFailed')) return { answer, rounds }
    }
    throw new Error(`expected ${name} to end within twelve rounds, got ${rounds.join()}`)
  }
  /** How often UPS was asked for this, and has done it. */
  const done = (what: 'return' | 'cancel' | 'void') =>
    standIn.book.parcelOf(trackingNumber).done.filter((each) => each === what).length
  const state = () => {
    const { isVoid, place } = standIn.book.parcelOf(trackingNumber)
    return isVoid ? 'void' : place
  }
  return { world, settle, done, state, makeLabels, trackingNumber }
}

const yes = { 'label-created': ['LabelVoided', 'void'], 'in-transit': ['ShipmentIntercepted', 'returning'] } as const

describe.each(['label-created', 'in-transit'] as const)('a parcel that is %s', (status) => {
  it.each(upsFaults)('is stopped once, though once for each %s', async (fault) => {
    const { settle, state, done } = given(status)
    standIn.plan(fault)
    const { answer } = await settle('StopShipment')
    expect([answer.type, state()]).toEqual(yes[status])
    expect(done(status === 'in-transit' ? 'return' : 'void')).toBe(1)
  })
})

it.each(upsFaults)(
  'an intercept that UPS has not done yet is taken back once, though once for each %s',
  async (fault) => {
    const { world, settle, state, done } = given('in-transit', 'SILENT')
    world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await world.run(hour)
    standIn.plan(fault)
    expect((await settle('ResumeShipment')).answer.type).toBe('ShipmentResumed')
    expect([state(), done('return'), done('cancel'), world.tasks()]).toEqual(['road', 1, 1, []])
  },
)

it.each(upsFaults)('the label of a parcel that was held is given back once, though once for each %s', async (fault) => {
  const { world, settle, state, done } = given('label-created', 'OK', 'by-carrier')
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  const held = { orderId: world.orderId, shipmentId: 'shp-1', requestId: 'req-1', held: true, at: world.iso() }
  world.tell('shipment.held.v1', held)
  expect(world.lastAnswer(stop)).toMatchObject({ type: 'NothingToStop', shipments: [{ labelKept: true }] })
  expect(state()).toBe('label')
  standIn.plan(fault)
  expect((await settle('ReleaseLabels')).answer).toMatchObject({ shipments: [{ result: 'label-voided' }] })
  expect([state(), done('void')]).toEqual(['void', 1])
})

it('a label that UPS does not take back stays, with its words, and the cancellation goes on', async () => {
  const { world, settle, state } = given('label-created', 'REFUSE', 'by-carrier')
  world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  const held = { orderId: world.orderId, shipmentId: 'shp-1', requestId: 'req-1', held: true, at: world.iso() }
  world.tell('shipment.held.v1', held)
  expect((await settle('ReleaseLabels')).answer).toMatchObject({ shipments: [{ result: 'paused' }] })
  expect(world.order()?.stops[0]?.parcels[0]?.progress).toMatchObject({
    ...{ state: 'released', label: 'kept', reason: expect.stringContaining('190102') },
  })
  expect(state()).toBe('label')
})

it('a voided label that is wanted after all is asked of the shop', async () => {
  const { world, settle, makeLabels, trackingNumber } = given('label-created')
  await settle('StopShipment')
  const undo = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
  await world.run(1_000)
  expect(world.labelsWanted).toMatchObject([{ carrier: 'ups', replaces: trackingNumber }])
  makeLabels()
  expect(world.lastAnswer(undo)).toMatchObject({ type: 'ShipmentResumed' })
})

it('UPS that does not know yet whether it can intercept is asked until it does', async () => {
  const { settle, state } = given('in-transit', 'UNKNOWN')
  expect((await settle('StopShipment')).answer.type).toBe('ShipmentIntercepted')
  expect(state()).toBe('returning')
})

it('an intercept whose answer was lost, and that UPS shows no more, is taken back all the same', async () => {
  const { settle, done } = given('in-transit', 'LASTDAY')
  standIn.plan('cut-after', 1, '/return/')
  expect((await settle('StopShipment')).answer).toMatchObject({ type: 'InterceptFailed' })
  expect(done('return')).toBe(1)
  expect((await settle('ResumeShipment')).answer.type).toBe('ShipmentResumed')
  expect(done('cancel')).toBe(1)
})

it('a parcel that is delivered all the same turns the request back, and nobody is asked to let it go', async () => {
  const { world, done, trackingNumber } = given('in-transit', 'SILENT')
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run(hour)
  standIn.book.isAt(trackingNumber, 'delivered')
  await world.run(hour)
  expect(world.lastAnswer(stop)).toMatchObject({ type: 'InterceptFailed', shipments: [{ failure: 'delivered' }] })
  expect(done('cancel')).toBe(0)
})

const faults = fc.array(fc.constantFrom(...upsFaults.filter((each) => !/hang|slow/.test(each))), { maxLength: 6 })

it('whatever goes wrong in whatever order, the answers are what UPS’s book says, each is done once, and no secret is told', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('label-created' as const, 'in-transit' as const),
      fc.constantFrom('OK', 'REFUSE', 'SILENT', 'NOCANCEL', 'NORESUME', 'SAYSNO', 'LASTDAY'),
      faults,
      faults,
      fc.constantFrom(1_000, hour, 8 * hour),
      async (status, habit, before, after, untilMs) => {
        standIn.clear()
        const { world, settle, state, done, trackingNumber } = given(status, habit)
        for (const fault of before) standIn.plan(fault)
        const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
        await world.run(untilMs)
        const answer = world.lastAnswer(stop)
        if (answer?.type === yes[status][0]) expect(state()).toBe(yes[status][1])
        if (answer?.type === 'InterceptFailed') expect(['label', 'road']).toContain(state())
        standIn.clear()
        for (const fault of after) standIn.plan(fault)
        const undone = await settle('ResumeShipment')
        const { intercept } = standIn.book.parcelOf(trackingNumber)
        const isFree = intercept === undefined && state() !== 'returning'
        expect([undone.answer.type, undone.rounds]).toEqual([isFree ? 'ShipmentResumed' : 'StepFailed', undone.rounds])
        expect(done('return')).toBeLessThanOrEqual(1)
        expect(done('void')).toBeLessThanOrEqual(1)
        const told = JSON.stringify([world.heard, world.published, world.order()])
        expect(told).not.toContain(credentials.clientSecret)
      },
    ),
    { numRuns: 40 },
  ))
