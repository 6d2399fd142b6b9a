import { expect, it } from 'vitest'
import type { GetRig } from '../rig.ts'
import type { Role, Step } from '../role.ts'
import { agreeable } from '../sample-orders.ts'

const waiting = (role: Role): readonly Step[] => role.steps.filter((step) => step.unheard !== undefined)

/** Too early is not wrong. */
export const earlyRules = (role: Role, rig: GetRig): void => {
  const [main] = role.steps

  it.for(waiting(role))('keeps $command until its order comes, and holds up nobody meanwhile', async (step) => {
    const { talk, orders } = rig()
    const others = await orders(8)
    const ids = talk.newIds()
    const early = talk.question(step, ids)
    const behind = others.map((each) => talk.question(main, each))
    await talk.send(early, ...behind)
    for (const { type } of await talk.finals(behind)) expect(type).toBe(main.yes)
    expect(talk.heard(early)).toEqual([])
    await talk.bus.send([role.arrival(talk.bus, agreeable(ids.orderId))])
    expect((await talk.final(early)).type).toBe(step.yes)
  })

  it.for(waiting(role))(
    'answers $command when ORDER_PATIENCE is over, and does not hold it against the next round',
    async (step) => {
      const { talk, participant } = rig()
      const ids = talk.newIds()
      const started = performance.now()
      const never = await talk.ask(step, ids)
      expect(never.type).toBe(step.unheard?.answer)
      expect(performance.now() - started).toBeGreaterThan(participant.orderPatience * 0.9)
      await talk.bus.send([role.arrival(talk.bus, agreeable(ids.orderId))])
      expect((await talk.ask(step, ids)).data).toEqual(never.data)
      expect((await talk.ask(step, ids, 2)).type).toBe(step.unheard?.nextRound)
    },
  )

  it('takes back what it never heard of, and remembers it', async () => {
    const { talk } = rig()
    if (main.undo === undefined) throw new Error(`expected an undo of ${main.command}`)
    const ids = talk.newIds()
    expect((await talk.ask(main.undo, ids)).type).toBe(main.undo.afterNothing)
    await talk.bus.send([role.arrival(talk.bus, agreeable(ids.orderId))])
    expect((await talk.ask(main, ids)).type).toBe('Undone')
  })
}
