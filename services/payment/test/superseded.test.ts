import { expect, it } from 'vitest'
import { card, given } from './given.ts'

it('tells in public what a round comes to whose place another one took, after a person had closed the refund', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'pending')
  world.close({ settled: [] })
  world.refund({ round: 2, tenderId: 't1' })
  world.refund({ round: 3 })
  world.becomes('req-1/t1', 'refused')
  await world.run('poll')
  expect(world.means()).toContainEqual(['refund.failed.v1', 't1', 'owed'])
})
