import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { differenceAt, differenceInWords, hintsOf, namedEvent, sdkMessage } from './difference.ts'
import { checkHistory, failureOf, hasTask, isClosed, parseHistory } from './history.ts'

const file = new URL('../../../workflows/histories/cancelled.json', import.meta.url)
const text = await readFile(file, 'utf8')
const whole = parseHistory('cancelled.json', text)
const part = (from: number, to: number) => ({ events: whole.events?.slice(from, to) ?? [] })
const check = (history: typeof whole, types = ['cancelOrder']) => checkHistory('h.json', history, types)

describe('a history', () => {
  it('is taken when it is whole, and said to be over', () => {
    expect(check(whole)).toBe(whole)
    expect([isClosed(whole), hasTask(whole)]).toEqual([true, true])
  })

  it('that is open is no end, and without a workflow task nothing to follow', () => {
    expect(isClosed(check(part(0, 20)))).toBe(false)
    expect(hasTask(part(0, 2))).toBe(false)
  })

  it('is refused when it was cut, is of another workflow, or is none', () => {
    expect(() => check(part(3, 9))).toThrow('expected a history to begin with WorkflowExecutionStarted')
    expect(() => check({ events: [...part(0, 5).events, ...part(8, 20).events] })).toThrow('expected event 6')
    expect(() => check(whole, ['settle'])).toThrow('expected a history of settle, got one of cancelOrder')
    expect(() => check({ events: [] })).toThrow('got none')
    expect(() => parseHistory('h.json', text.slice(0, 900))).toThrow("h.json: expected a history in Temporal's JSON")
    expect(() => parseHistory('h.json', '{"hello":1}')).toThrow('expected a history')
  })
})

describe('the failure of a history', () => {
  const task = (name: string, attributes: object) => ({
    eventId: '1',
    eventTime: '2026-11-22T11:01:55Z',
    [name]: attributes,
  })
  const failed = (message: string) => task('workflowTaskFailedEventAttributes', { failure: { message } })
  const of = (...events: object[]) => failureOf(parseHistory('some', JSON.stringify({ events })))

  it('is the last one, unless the code has walked on since, or something only came in meanwhile', () => {
    expect(of(failed('one'), failed('no input'))).toBe('no input')
    expect(of(failed('one'), task('workflowTaskCompletedEventAttributes', {}))).toBeUndefined()
    expect(of(failed('UnhandledCommand'))).toBeUndefined()
    expect(of()).toBeUndefined()
  })
})

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
