import { commands, type PlacedOrder } from '@countermand/contracts'
import { expect, it } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { GetRig } from '../rig.ts'
import type { Ids, Role, Step } from '../role.ts'
import { agreeable } from '../sample-orders.ts'

const ofVersions = (role: Role): readonly Step[] =>
  role.steps.filter(({ command }) => Object.hasOwn(commands[command].data.shape, 'orderVersion'))

/** The same step, about a version of the order. */
const about = (step: Step, orderVersion: number): Step => ({
  ...step,
  message: (...asked) => {
    const message = step.message(...asked)
    return { ...message, value: JSON.stringify({ ...JSON.parse(String(message.value)), orderVersion }) }
  },
})

const amended = (bus: Bus, { orderId }: Ids, version: number, changes: Partial<PlacedOrder> = {}) =>
  bus.event('order.amended.v1', orderId, { ...agreeable(orderId), ...changes, version, changeId: `chg-${version}` })

/** An order of a single pen. */
const little: Partial<PlacedOrder> = {
  lines: [{ lineId: '2', sku: 'CONFORMANCE-PEN', quantity: 1, unitAmount: 50, discountAmount: 0, taxAmount: 0 }],
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 50, paymentRef: 'pay_ok_1' }],
  shipments: [],
}

/** An order that is edited has versions. */
export const versionRules = (role: Role, rig: GetRig): void => {
  const [main] = role.steps

  it.for(ofVersions(role))(
    'keeps $command until the version comes that it is about, and holds up nobody meanwhile',
    async (step) => {
      const { talk, orders } = rig()
      const ids = await talk.order()
      const others = await orders(4)
      const early = talk.question(about(step, 2), ids)
      const behind = others.map((each) => talk.question(main, each))
      await talk.send(early, ...behind)
      for (const { type } of await talk.finals(behind)) expect(type).toBe(main.yes)
      expect(talk.heard(early)).toEqual([])
      await talk.bus.send([amended(talk.bus, ids, 2)])
      expect((await talk.final(early)).type).toBe(step.yes)
    },
  )

  it.for(ofVersions(role))('answers $command StepFailed when that version did not come in time', async (step) => {
    const { talk } = rig()
    const ids = await talk.order()
    expect((await talk.ask(about(step, 2), ids)).type).toBe('StepFailed')
    expect((await talk.ask(step, ids, 2)).type).toBe(step.yes)
  })

  it.for(ofVersions(role))('takes an older version for no news, and the latest as it is: $command', async (step) => {
    const { talk } = rig()
    const ids = await talk.order()
    const latest = amended(talk.bus, ids, 3)
    await talk.bus.send([latest, amended(talk.bus, ids, 2, little), latest])
    expect((await talk.ask(about(step, 3), ids)).type).toBe(step.yes)
  })
}
