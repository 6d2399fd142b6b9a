import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseHistory } from '../history/history.ts'
import { differenceAt, differenceInWords, hintsOf, namedEvent, sdkMessage } from './difference.ts'

const file = new URL('../../../workflows/histories/cancelled.json', import.meta.url)
const whole = parseHistory('cancelled.json', await readFile(file, 'utf8'))

const sdk = (message: string) =>
  new Error(`Replay failed. Details: Failure { message: "[TMPRL1100] ${message}", x: 1 }`)

describe('a difference', () => {
  it('names the event, what the history has and what the code wants', () => {
    const error = sdk(
      "Nondeterminism error: Activity type of scheduled event 'stopShipment' does not match activity type of activity command 'refundOrder'",
    )
    expect(namedEvent(sdkMessage(error))).toBeUndefined()
    expect(differenceInWords(differenceAt(whole, 11, error))).toMatch(
      /^differs at event 11: the history has the activity stopShipment \(.*\), the code of today wants the activity refundOrder$/,
    )
  })

  it('is where the SDK says when it does', () => {
    const error = sdk('Nondeterminism error: Timer machine does not handle this event: HistoryEvent(id: 41, X)')
    expect(namedEvent(sdkMessage(error))).toBe(41)
    expect(differenceInWords(differenceAt(whole, 41, error))).toBe(
      'differs at event 41: the history has UpsertWorkflowSearchAttributes, the code of today wants a timer there',
    )
  })

  it('says in the fast lane what it says in the slow one: names, steps, and where the code asks for them', async () => {
    const fast = new URL('../../../workflows/histories/fast-refund-refused.json', import.meta.url)
    const recorded = parseHistory('fast', await readFile(fast, 'utf8'))
    const words =
      "Nondeterminism error: Activity type of recorded marker 'reserveAgain' does not match activity type of local activity command 'resumeShipment'"
    const found = differenceAt(recorded, 11, sdk(words))
    expect(differenceInWords(found)).toBe(
      'differs at event 11: the history has the activity reserveAgain in the fast lane, the code of today wants the activity resumeShipment in the fast lane',
    )
    expect(found.places).toMatchObject([
      { activity: 'reserveAgain', step: 'set-stock-aside', direction: 'undo' },
      { activity: 'resumeShipment', step: 'stop-parcels', direction: 'undo' },
    ])
    const hints = hintsOf(found).join('\n')
    expect(hints).toMatch(
      /reserveAgain is the step set-stock-aside taken back, asked for in workflows\/src\/saga\/cancel-order\.ts:\d+/,
    )
    expect(hints).toContain("patched('…')")
  })

  it('names the step of an id too, and a machine by its words', () => {
    const byId = sdk(
      "Nondeterminism error: Activity id of scheduled event 'close-order-do-1' does not match activity id of activity command 'return-stock-do-1.2'",
    )
    expect(differenceAt(whole, 11, byId).places.at(-1)).toMatchObject({ activity: 'returnStockToSale' })
    const machine = sdk(
      'Nondeterminism error: UpsertWorkflowSearchAttributesMachine does not handle HistoryEvent(id: 14, X)',
    )
    expect(differenceAt(whole, 14, machine).code).toBe('an upsert workflow search attributes there')
  })
})
