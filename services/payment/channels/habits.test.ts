import { channelName, refundHabits, refundOrder } from '@countermand/contracts'
import { expect, it } from 'vitest'
import { routing } from './index.ts'

it('sends money where, and in which order, everybody is told that it does', () => {
  expect(refundOrder).toEqual(routing.trial)
  for (const channel of channelName.options) expect(refundHabits[channel].home, channel).toBe(routing.home(channel))
})
