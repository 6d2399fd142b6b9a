import type { Gives } from './pack.ts'
import { ground, type OutputName, outputs } from './vocabulary.ts'

/** What a rule gives in the end: every output has a value. */
export type Given = { readonly [Name in keyof Gives]-?: Exclude<Gives[Name], undefined> }

/** The least that can be given: what is not said is this. */
export const least: Given = {
  ground: 'request',
  approval: 'as-terms',
  means: 'as-terms',
  withhold: 'goods',
  shipping: 'none',
  returnCost: 'consumer',
  takeBack: 'alone',
}

/** The outputs that have an order, by name. */
export const outputNames: readonly OutputName[] = ['approval', 'means', 'withhold', 'shipping', 'returnCost']

const rankIn = (order: readonly string[], value: string): number => order.indexOf(value)
const generous = <Value extends string>(order: readonly Value[], a: Value, b: Value): Value =>
  rankIn(order, a) >= rankIn(order, b) ? a : b

/** Below 0: `a` is less generous than `b`. */
export const compareGround = (a: Given['ground'], b: Given['ground']): number =>
  rankIn(ground.options, a) - rankIn(ground.options, b)

/** Law and terms meet: the more generous of both, output by output, so that terms can never take what the law gives. */
export const join = (a: Given, b: Given): Given => ({
  ground: generous(ground.options, a.ground, b.ground),
  approval: generous(outputs.approval.options, a.approval, b.approval),
  means: generous(outputs.means.options, a.means, b.means),
  withhold: generous(outputs.withhold.options, a.withhold, b.withhold),
  shipping: generous(outputs.shipping.options, a.shipping, b.shipping),
  returnCost: generous(outputs.returnCost.options, a.returnCost, b.returnCost),
  takeBack: compareGround(a.ground, b.ground) >= 0 ? a.takeBack : b.takeBack,
})

/** Whether `a` gives at least what `b` gives, in every output. */
export const atLeast = (a: Given, b: Given): boolean =>
  compareGround(a.ground, b.ground) >= 0 &&
  outputNames.every((output) => {
    const order: readonly string[] = outputs[output].options
    return rankIn(order, a[output]) >= rankIn(order, b[output])
  })

/** What is written over what it begins from. */
export const over = (base: Given, written: Gives = {}): Given => ({
  ground: written.ground ?? base.ground,
  approval: written.approval ?? base.approval,
  means: written.means ?? base.means,
  withhold: written.withhold ?? base.withhold,
  shipping: written.shipping ?? base.shipping,
  returnCost: written.returnCost ?? base.returnCost,
  takeBack: written.takeBack ?? base.takeBack,
})
