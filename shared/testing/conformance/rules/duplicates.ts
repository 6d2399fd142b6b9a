import { expect, it } from 'vitest'
import { isPending } from '../conversation.ts'
import type { GetRig } from '../rig.ts'
import type { Role } from '../role.ts'
import { refusing } from '../sample-orders.ts'

const five = <T>(make: () => T): T[] => Array.from({ length: 5 }, make)

/** What was asked is done once, however often it is asked. */
export const duplicateRules = (role: Role, rig: GetRig): void => {
  it.for(role.steps)(
    'answers $command with $yes, and five duplicates with the same, each at its own address',
    async (step) => {
      const { talk, order, expectAlike, orderAfter } = rig()
      const ids = await order()
      await talk.prepare(step, ids)
      const first = await talk.ask(step, ids)
      expect(first.type).toBe(step.yes)
      const again = five(() => talk.question(step, ids))
      await talk.send(...again)
      for (const { type, data } of await talk.finals(again)) {
        expect(type).toBe(step.yes)
        expect(data).toEqual(first.data)
      }
      await expectAlike([(await orderAfter(step)).orderId, ids.orderId])
    },
  )

  it.for(role.steps)(
    'does $command once when it is asked six times in one breath, and tells the latest',
    async (step) => {
      const { talk, order, expectAlike, orderAfter } = rig()
      const ids = await order()
      await talk.prepare(step, ids)
      const all = [...five(() => talk.question(step, ids)), talk.question(step, ids)]
      await talk.send(...all)
      const [latest] = all.slice(-1)
      if (latest === undefined) throw new Error('expected six questions')
      expect((await talk.final(latest)).type).toBe(step.yes)
      for (const each of all) {
        const finals = talk.heard(each).filter((answer) => !isPending(answer))
        expect(new Set(finals.map(({ type }) => type)).size).toBeLessThanOrEqual(1)
      }
      await expectAlike([(await orderAfter(step)).orderId, ids.orderId])
    },
  )

  it.for(role.steps.filter((step) => step.no !== undefined))(
    'answers $command with $no where it must, and duplicates with the same, and changes nothing',
    async (step) => {
      const { talk, order, expectAlike } = rig()
      const ids = await order(refusing)
      const first = await talk.ask(step, ids)
      expect(first.type).toBe(step.no)
      const again = await talk.ask(step, ids)
      expect(again.data).toEqual(first.data)
      if (step.undo !== undefined) expect((await talk.ask(step.undo, ids)).type).toBe(step.undo.afterNo)
      await expectAlike([(await order(refusing)).orderId, ids.orderId])
    },
  )
}
