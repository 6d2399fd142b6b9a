import type { StepLane } from '@countermand/workflows/src/protocol/inputs.ts'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { type Cell, cells } from './cells.ts'
import { playCell } from './play-cell.ts'
import { openStage, type Stage } from './stage.ts'
import { failures, stepOf } from './steps.ts'

// They mostly wait: for retries, and for each other's turns.
vi.setConfig({ maxConcurrency: 16 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage(inject('stack').temporalAddress)
})
afterAll(() => stage.close())

const lanes: readonly StepLane[] = ['slow', 'adaptive']

/** The two steps that run side by side are asked in either order. */
const sideBySide = (command: string) => command.startsWith('StopShipment') || command.startsWith('SetStockAside')
const inOrder = (asked: readonly string[]): string[] => {
  const first = asked.findIndex(sideBySide)
  if (first < 0) return [...asked]
  const both = asked.filter(sideBySide)
  const rest = asked.filter((command) => !sideBySide(command))
  return [...rest.slice(0, first), ...both.toSorted(), ...rest.slice(first)]
}

/** Whoever wishes to turn back is told the truth. */
const turnedBy = ({ outcome, sequel }: Cell): boolean | undefined =>
  ['withdrawal', 'undo', 'late-withdrawal', 'late-undo'].includes(sequel.by) ? outcome !== 'cancelled' : undefined

const sequelName = ({ sequel }: Cell) => [
  sequel.by,
  ...('undo' in sequel ? [sequel.undo] : []),
  ...('next' in sequel ? [sequel.next] : []),
]
const named = cells.map((cell) => ({
  ...cell,
  name: stepOf(cell.step).name,
  what: failures[cell.failure],
  follows: sequelName(cell).join(', '),
}))

describe.concurrent.each(lanes)('the failure table, %s lane', (lane) => {
  test.each(named)('$name: $what ($follows)', async (cell) => {
    const { play, played } = await playCell(stage, cell, lane)
    const { shop, asked } = play.post
    const { outcome, code, attention } = played
    expect({ outcome, code, asked: inOrder(asked), story: shop.story, attention, facts: shop.facts() }).toEqual({
      ...{ outcome: cell.outcome, code: cell.code, asked: cell.asked, story: cell.story },
      ...{ attention: cell.attention, facts: cell.facts },
    })
    expect(played.turned).toBe(turnedBy(cell))
    expect(shop.letters).toEqual([])
  })
})
