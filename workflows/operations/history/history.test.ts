import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
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
