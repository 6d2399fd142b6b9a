import { commands } from '@countermand/contracts'
import { expect, it } from 'vitest'
import type { GetRig } from '../rig.ts'
import type { Asking, Role, Step } from '../role.ts'

/** A person's `skip` of a step's first round. */
const closingOf = ({ command }: Step): Asking => ({
  command: 'CloseRound',
  message: (bus, ids, round, to) => {
    const { step, direction } = commands[command]
    const closes = { step, direction, round: 1 }
    const said = { decision: 'skip', by: 'ops-1', reason: 'done by hand' } as const
    return bus.command('CloseRound', { ...ids, round, key: `${step}-${direction}-1`, closes, ...said }, to)
  },
})

/** What a person has decided is decided. Records have rounds of their own, about which nobody decides. */
export const closingRules = (role: Role, rig: GetRig): void => {
  const steps = role.steps.filter(({ command }) => command !== 'RecordCancellation')

  it.for(steps)('answers Undone to $command when a person had closed its round, and does nothing', async (step) => {
    const { talk, order, expectAlike } = rig()
    const prepared = async () => {
      const ids = await order()
      await talk.prepare(step, ids)
      return ids
    }
    const ids = await prepared()
    expect((await talk.ask(closingOf(step), ids)).type).toBe('RoundClosed')
    expect((await talk.ask(closingOf(step), ids)).type).toBe('RoundClosed')
    expect((await talk.ask(step, ids)).type).toBe('Undone')
    await expectAlike([(await prepared()).orderId, ids.orderId])
  })

  it.for(steps)('leaves as it is what was done of $command before a person closes its round', async (step) => {
    const { talk, orderAfter, expectAlike } = rig()
    const ids = await orderAfter(step)
    expect((await talk.ask(closingOf(step), ids)).type).toBe('RoundClosed')
    expect((await talk.ask(step, ids)).type).toBe(step.yes)
    await expectAlike([(await orderAfter(step)).orderId, ids.orderId])
  })

  it.for(steps)('closes a round of $command for an order that it has not heard of, at once', async (step) => {
    const { talk, participant } = rig()
    const asked = talk.question(closingOf(step), talk.newIds())
    await talk.send(asked)
    expect((await talk.final(asked, participant.orderPatience - 500)).type).toBe('RoundClosed')
  })
}
