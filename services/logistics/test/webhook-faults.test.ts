import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { carrierFaults } from '@countermand/tools/stand-ins/webhook-carrier/stand-in.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/webhook-carrier/started.ts'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { carriers } from '../carriers/index.ts'
import { acceptedOrder, parcel } from './given.ts'
import { carrierInMemory } from './memory-book.ts'
import { createWorld } from './world.ts'

/** Logistics, the adapter and its way to the carrier as they are, whatever goes wrong there: the stand-in's book shows what was done. */

const secret = `whsec_${Buffer.from('a secret planted in faults').toString('base64')}`
let standIn: StartedStandIn
/** The clock of the order that is played. */
let now = () => 0
beforeAll(async () => {
  standIn = await startStandIn(secret, 1_000, () => now())
})
afterAll(() => standIn.close())

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  standIn.clear()
  for (const close of closing.splice(0)) await close()
})

let orders = 0
const given = (status: 'label-created' | 'in-transit', trackingNumber = 'OK-1') => {
  const http = openHttp({ answerMs: 250, circuit: { now: () => now() } })
  closing.push(() => http.close())
  const account = {
    ...{ name: 'acme-de', provider: 'webhook-carrier', baseUrl: standIn.url, settings: { carriers: ['acme'] } },
    secrets: new Map([['signing', [new Secret(secret)]]]),
  }
  const accounts = { find: () => account, nameFor: () => account.name }
  const world = createWorld(
    { stepAttempts: 4, undoAttempts: 4, stepBackoffMs: 1_000 },
    carriers({ sandbox: carrierInMemory().sandbox, http, accounts }),
  )
  now = world.now
  // A parcel of its own at a carrier that all of these share.
  const shipmentId = `shp-${++orders}`
  const first = { ...parcel(shipmentId, trackingNumber, status), carrier: 'acme' }
  world.tell('order.accepted.v1', acceptedOrder([first]))
  /** Sends it until there is an answer that is no technical failure, as a person does who says retry. */
  const settle = async (name: 'StopShipment' | 'ResumeShipment') => {
    const rounds: string[] = []
    for (let round = 1; round <= 12; round++) {
      const data = { requestId: 'req-1', round, ...(name === 'StopShipment' ? { whole: true, lines: [] } : {}) }
      const id = world.send(name, data)
      await world.run(600_000)
      const answer = world.lastAnswer(id)
      rounds.push(JSON.stringify(answer))
      if (answer !== undefined && answer.type !== 'StepFailed') return { answer, rounds }
    }
    throw new Error(`expected ${name} to end within twelve rounds, got ${rounds.join()}`)
  }
  return { world, settle, state: () => standIn.stateOf(world.orderId, shipmentId)?.state ?? 'as-sent' }
}

const yes = { 'label-created': ['LabelVoided', 'label-voided'], 'in-transit': ['ShipmentIntercepted', 'intercepted'] }

describe.each(['label-created', 'in-transit'] as const)('a parcel that is %s', (status) => {
  it.each(carrierFaults)('is stopped, and let go again, though once for each %s', async (fault) => {
    const { world, settle, state } = given(status)
    standIn.plan(fault)
    const { answer } = await settle('StopShipment')
    expect([answer.type, state()]).toEqual(yes[status])
    standIn.plan(fault)
    expect((await settle('ResumeShipment')).answer.type).toBe('ShipmentResumed')
    expect([state(), world.tasks()]).toEqual(['as-sent', []])
  })
})

const places = fc.array(fc.constantFrom(...carrierFaults.filter((each) => !/hang|slow/.test(each))), {
  maxLength: 6,
})

it('whatever goes wrong in whatever order, the answer is what the carrier’s book says, and no secret is told', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('label-created' as const, 'in-transit' as const),
      fc.constantFrom('OK-1', 'REFUSE-1', 'SLOW-200', 'NORESUME-1'),
      places,
      places,
      async (status, trackingNumber, before, after) => {
        standIn.clear()
        const { world, settle, state } = given(status, trackingNumber)
        for (const fault of before) standIn.plan(fault)
        const { answer, rounds } = await settle('StopShipment')
        const isStopped = state() === yes[status][1]
        expect(answer.type).toBe(isStopped ? yes[status][0] : 'InterceptFailed')
        standIn.clear()
        for (const fault of after) standIn.plan(fault)
        const undone = await settle('ResumeShipment')
        expect([undone.answer.type, state(), world.tasks()]).toEqual(['ShipmentResumed', 'as-sent', []])
        const told = JSON.stringify([world.heard, world.published, rounds, undone.rounds, world.order()])
        expect(told).not.toContain(secret.slice('whsec_'.length))
      },
    ),
    { numRuns: 60 },
  ))

it('a stop that never had an answer is taken back all the same: the parcel goes', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('label-created' as const, 'in-transit' as const),
      fc.constantFrom('OK-1', 'SLOW-200', 'SILENT-1'),
      places,
      fc.constantFrom(0, 1_500, 600_000),
      async (status, trackingNumber, faults, untilMs) => {
        standIn.clear()
        const { world, settle, state } = given(status, trackingNumber)
        for (const fault of faults) standIn.plan(fault)
        world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
        await world.run(untilMs)
        expect((await settle('ResumeShipment')).answer.type).toBe('ShipmentResumed')
        await world.run(600_000)
        expect([state(), world.tasks()]).toEqual(['as-sent', []])
      },
    ),
    { numRuns: 60, examples: [['in-transit', 'OK-1', Array.from({ length: 4 }, () => '500-after' as const), 600_000]] },
  ))

it('credentials that are not taken wait for a person at once, and go on after a retry', async () => {
  const { world } = given('in-transit')
  standIn.plan('key-expired')
  const first = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run(600_000)
  expect(world.lastAnswer(first)).toMatchObject({
    type: 'StepFailed',
    attempts: 1,
    error: expect.stringMatching('401'),
  })
  const second = world.send('StopShipment', { requestId: 'req-1', round: 2, whole: true, lines: [] })
  await world.run(600_000)
  expect(world.lastAnswer(second)?.type).toBe('ShipmentIntercepted')
})
