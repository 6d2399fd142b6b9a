import { expect, it } from 'vitest'
import type { GetRig, Rig } from '../rig.ts'
import type { Ids, Role, Step, Undo } from '../role.ts'
import { agreeable, refusing } from '../sample-orders.ts'

interface Undoable extends Step {
  readonly undo: Undo
}
const undoable = (role: Role): Undoable[] =>
  role.steps.flatMap((step) => (step.undo === undefined ? [] : [{ ...step, undo: step.undo }]))

type Move = 'do' | 'undo'
/** All orders of a step and its undo, each twice. */
const orders: readonly (readonly Move[])[] = [
  ['do', 'do', 'undo', 'undo'],
  ['do', 'undo', 'do', 'undo'],
  ['do', 'undo', 'undo', 'do'],
  ['undo', 'do', 'do', 'undo'],
  ['undo', 'do', 'undo', 'do'],
  ['undo', 'undo', 'do', 'do'],
]

const moveBy = (step: Undoable, move: Move) => (move === 'do' ? step : step.undo)

const oneByOne = async ({ talk }: Rig, step: Undoable, ids: Ids, moves: readonly Move[]) => {
  for (const move of moves) await talk.ask(moveBy(step, move), ids)
}

const inOneBreath = async ({ talk }: Rig, step: Undoable, ids: Ids, moves: readonly Move[]) => {
  const questions = moves.map((move) => talk.question(moveBy(step, move), ids))
  await talk.send(...questions)
  // Of two that wait, only the latest hears the end.
  const latest = (['do', 'undo'] as const).flatMap((move) => questions[moves.lastIndexOf(move)] ?? [])
  await talk.finals(latest)
}

/** Orders for which the outcome is one, by what the contract says: one for all, or one for each that came first. */
const groups = (step: Undoable): (readonly (readonly Move[])[])[] =>
  step.undo.restores
    ? [orders]
    : [orders.filter(([first]) => first === 'do'), orders.filter(([first]) => first === 'undo')]

/** Undone beats done. */
export const undoRules = (role: Role, rig: GetRig): void => {
  const steps = undoable(role)

  it.for(steps)('takes $command back as if it had not been, or says that there is no way back', async (step) => {
    const { talk, order, orderAfter, expectAlike } = rig()
    const ids = await orderAfter(step)
    const { undo } = step
    const undone = await talk.ask(undo, ids)
    expect(undone.type).toBe(undo.afterYes)
    expect((await talk.ask(undo, ids)).type).toBe(undo.afterYes)
    const expected = undo.restores ? await order() : await orderAfter(step)
    await expectAlike([expected.orderId, ids.orderId])
  })

  it.for(steps)('answers Undone to $command when its undo came first, up to the round of the undo', async (step) => {
    const { talk, order, expectAlike } = rig()
    const ids = await order()
    const { undo } = step
    expect((await talk.ask(undo, ids, 2)).type).toBe(undo.afterNothing)
    expect((await talk.ask(step, ids, 1)).type).toBe('Undone')
    expect((await talk.ask(step, ids, 2)).type).toBe('Undone')
    await expectAlike([(await order()).orderId, ids.orderId])
    expect((await talk.ask(step, ids, 3)).type).toBe(undo.nextRound)
  })

  const ways = [
    { way: 'one by one', make: agreeable, play: oneByOne },
    { way: 'in one breath', make: agreeable, play: inOneBreath },
    { way: 'one by one, on an order that refuses', make: refusing, play: oneByOne },
  ]
  const plays = steps.flatMap((step) => ways.map((each) => ({ step, command: step.command, ...each })))
  it.for(plays)('comes to one outcome whatever the order of $command and its undo, each twice, $way', async (play) => {
    const { talk, order, expectAlike } = rig()
    const played = (moves: readonly Move[]) =>
      order(play.make).then(async (ids) => {
        await play.play(rig(), play.step, ids, moves)
        return ids
      })
    for (const group of play.make === refusing ? [orders] : groups(play.step)) {
      const all = await Promise.all(group.map(played))
      await expectAlike(all.map(({ orderId }) => orderId))
      // Another request finds each of them the same.
      const probes = all.map(({ orderId }) => talk.question(play.step, { ...talk.newIds(), orderId }))
      await talk.send(...probes)
      expect(new Set((await talk.finals(probes)).map(({ type }) => type)).size).toBe(1)
    }
  })
}
