import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Game } from './changed-orders/game.ts'
import { steps } from './changed-orders/shop.ts'

/**
 * An order that is edited and cancelled in any sequence, followed by the other services by what the order service tells: each thing once
 * or often, in any sequence. The decisions themselves, without the kit that keeps the sequence and drops duplicates.
 */

describe('any sequence of changes and cancellations, told in any sequence', () => {
  it('ends with the same facts for everybody, and gives back what was paid, no more', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const game = new Game()
        game.placeIt()
        for (const { step, heard } of sequence) {
          if (step.do === 'cancel') game.request(step.lineId, step.quantity)
          else if (step.do === 'confirm' || step.do === 'withdraw') game.end(step.do)
          else if (step.do === 'repeat') game.repeat()
          else if ('price' in step) game.edit(step)
          game.hear(heard)
        }
        game.end('confirm')
        game.hearAll()
        game.check()
      }),
      { numRuns: 1_000 },
    )
  })
})
