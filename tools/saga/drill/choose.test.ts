import { expect, it } from 'vitest'
import { chosen, named } from './choose.ts'
import { drills } from './drills.ts'

const patience = {
  ...{ STEP_ATTEMPTS: 20, UNDO_ATTEMPTS: 20, STEP_BACKOFF: 1_000 },
  ...{ INTERCEPT_PATIENCE: 3_600_000, REFUND_PATIENCE: 3_600_000 },
}
const namesOf = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name)

it('are all, or those that are named, each once', () => {
  expect(named([])).toBe(drills)
  expect(namesOf(named(['intake-paused', 'refund-reversed', 'intake-paused']))).toEqual([
    'refund-reversed',
    'intake-paused',
  ])
  expect(() => named(['refund-reversed', 'refund'])).toThrow(/^expected a drill of carrier-unknown, .*, got refund$/)
})

it('leave out what is too slow here, unless it was asked for', () => {
  const { quick, notMade } = chosen([], patience, 60_000)
  expect(namesOf(quick)).toContain('refund-reversed')
  expect(namesOf(notMade.map(({ drill }) => drill))).toContain('refund-overdue')
  expect(chosen(['refund-reversed', 'dead-letter'], patience, 60_000).notMade).toEqual([])
  expect(() => chosen(['refund-reversed', 'refund-overdue'], patience, 60_000)).toThrow(
    /^refund-overdue would be stuck after about .*; start the system with REFUND_PATIENCE=20s, or give --within$/,
  )
})
