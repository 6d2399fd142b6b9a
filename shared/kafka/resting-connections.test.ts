import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { letConnectionsRest } from './resting-connections.ts'

letConnectionsRest()

const sent: string[] = []
const request = (name: string) => ({
  entry: { correlationId: name, apiName: name, apiKey: 0, apiVersion: 0, resolve: () => undefined },
  expectResponse: true,
  sendRequest: () => sent.push(name),
})

const openQueue = (maxInFlightRequests: number) => {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')
  const logger = { debug: () => undefined, warn: () => undefined, error: () => undefined }
  return new RequestQueue({ maxInFlightRequests, requestTimeout: 30_000, logger, clientId: 'test', broker: 'a:1' })
}

afterEach(() => {
  vi.useRealTimers()
  sent.length = 0
})

describe('a connection', () => {
  it('sets no timer while nothing waits on it', () => {
    vi.useFakeTimers()
    const queue = openQueue(1)
    queue.checkPendingRequests()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends what waited for the broker once its time is over, and rests then', () => {
    vi.useFakeTimers()
    const queue = openQueue(1)
    queue.maybeThrottle(500)
    queue.push(request('fetch'))
    vi.advanceTimersByTime(499)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(20)
    expect(sent).toEqual(['fetch'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends what waited for another answer when that comes', () => {
    vi.useFakeTimers()
    const queue = openQueue(1)
    queue.push(request('one'))
    queue.push(request('two'))
    expect(sent).toEqual(['one'])
    queue.fulfillRequest({ correlationId: 'one', payload: {}, size: 1 })
    vi.advanceTimersByTime(20)
    expect(sent).toEqual(['one', 'two'])
    queue.fulfillRequest({ correlationId: 'two', payload: {}, size: 1 })
    vi.advanceTimersByTime(20)
    expect(vi.getTimerCount()).toBe(0)
  })
})
