import { UnreadableMessage } from '@countermand/contracts'
import { InfrastructureError } from '@countermand/kafka'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRefusals, refusedAloneForMs } from './refusals.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const busy = 8
const unavailable = 14
const saying = (code: number) => Object.assign(new Error('busy'), { code, details: 'Workflow is busy.', metadata: {} })
const message = { topic: 'saga.replies.v1', partition: 0, offset: '7' }
const other = { ...message, partition: 1 }

/** Refused every minute for so many minutes; whether others are taken meanwhile. What it comes to in the end. */
const refusedFor = (minutes: number, code: number, othersAreTaken: boolean): unknown => {
  const refusals = createRefusals()
  let last: unknown
  for (let minute = 0; minute <= minutes; minute += 1) {
    try {
      last = refusals.asDeadLetter(message, saying(code))
    } catch (error) {
      last = error
    }
    vi.advanceTimersByTime(60_000)
    if (othersAreTaken) refusals.taken(other)
  }
  return last
}

describe('a message that Temporal refuses again and again', () => {
  it('is put aside after a quarter of an hour in which others were taken, with what Temporal said', () => {
    const minutes = refusedAloneForMs / 60_000
    expect(refusedFor(minutes - 1, busy, true)).toBeInstanceOf(InfrastructureError)
    const reason = refusedFor(minutes, busy, true)
    expect(reason).toBeInstanceOf(UnreadableMessage)
    expect(String(reason)).toContain('Workflow is busy.')
  })

  it('waits for as long as nothing is taken', () => {
    expect(refusedFor(120, busy, false)).toBeInstanceOf(InfrastructureError)
  })

  it('waits for a server that is away, whoever is answered by others', () => {
    expect(refusedFor(120, unavailable, true)).toBeInstanceOf(InfrastructureError)
  })

  it('begins anew once it was taken', () => {
    const refusals = createRefusals()
    const refuse = () => refusals.asDeadLetter(message, saying(busy))
    expect(refuse).toThrow(InfrastructureError)
    refusals.taken(message)
    vi.advanceTimersByTime(refusedAloneForMs)
    expect(refuse).toThrow(InfrastructureError)
    refusals.taken(other)
    expect(refuse).toThrow(InfrastructureError)
  })
})
