import {
  type Answer,
  answers,
  type CommandData,
  type CommandName,
  isAnswerName,
  resolution,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { givenCommand, givenEvent } from '@countermand/testing/given.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { order } from '../handlers.ts'
import type { OrderState } from '../state.ts'
import { samplePlaced, samplePolicies, sampleRequest } from './given.ts'

const request = sampleRequest()
const { orderId, requestId } = request
const base = { orderId, requestId }

const said = fc.record({
  step: fc.constantFrom('refund', 'stop-parcels'),
  round: fc.integer({ min: 1, max: 2 }),
  decision: fc.constantFrom('retry' as const, 'skip' as const, 'refund-elsewhere' as const, 'undo' as const),
  by: fc.constantFrom('ana', 'ben'),
})
const asking = fc.record({
  what: fc.constantFrom('begin' as const, 'confirm' as const, 'alarm' as const, 'resolve' as const, 'resolve' as const),
  /** A retry keeps its round, and is a duplicate. */
  round: fc.integer({ min: 1, max: 2 }),
  said,
})
type Asking = typeof asking extends fc.Arbitrary<infer Value> ? Value : never

const at = '2026-11-20T10:00:00Z'

const openWorld = () => {
  const heard: Answer[] = []
  const hear = ({ headers, value }: OutgoingMessage) => {
    const type = headers.ce_type ?? ''
    // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
    if (isAnswerName(type)) heard.push({ type, ...answers[type].parse(JSON.parse(String(value))) } as Answer)
  }
  const service = serviceInMemory(order(samplePolicies()), new Map<string, OrderState>(), hear)
  service.take(givenEvent('order.placed.v1', orderId, samplePlaced()))
  const send = <Name extends CommandName>(name: Name, data: CommandData<Name>) => {
    service.take(givenCommand(name, data))
    return heard.at(-1)
  }
  return {
    ask: ({ what, round, said: { step, ...decided } }: Asking): Answer | undefined => {
      const record = (key: string, of: CommandData<'RecordCancellation'>['record']) =>
        send('RecordCancellation', { ...base, round, key, record: of, request })
      switch (what) {
        case 'begin':
          return send('BeginCancellation', { ...request, round })
        case 'confirm':
          return send('ConfirmCancellation', { ...base, round, refunds: [] })
        case 'alarm': {
          const remedies = ['retry' as const]
          const trouble = {
            stage: 'refunding',
            reason: 'step-failed',
            error: 'it is full',
            since: at,
            remedies,
          } as const
          return record(`attention.${step}-do-${decided.round}`, { what: 'needs-attention', ...trouble })
        }
        case 'resolve':
          return record(`resolved.${step}-do-${decided.round}.1`, {
            what: 'resolved',
            ...resolution.parse({ step, direction: 'do', reason: 'looked into it', at, ...decided }),
          })
      }
    },
  }
}

const toldBy = (answer: Answer | undefined) => {
  if (answer?.type === 'CancellationBegun') return answer.decided.resolutions
  return answer !== undefined && 'resolutions' in answer ? (answer.resolutions ?? []) : []
}

it('tells a run with each answer what people have decided by then, also with one that it gives again: the run may be one that was reset', () => {
  fc.assert(
    fc.property(fc.array(asking, { maxLength: 14 }), (askings) => {
      const { ask } = openWorld()
      const recorded = new Map<string, { readonly decision: string; readonly by: string }>()
      ask({ what: 'begin', round: 1, said: { step: 'refund', round: 1, decision: 'retry', by: 'ana' } })
      for (const each of askings) {
        const { step, round, decision, by } = each.said
        const key = `${step}-${round}`
        if (each.what === 'resolve' && !recorded.has(key)) recorded.set(key, { decision, by })
        const told = toldBy(ask(each)).map((one) => [`${one.step}-${one.round}`, one.decision, one.by])
        expect(told, each.what).toEqual([...recorded].map(([name, first]) => [name, first.decision, first.by]))
      }
    }),
    { numRuns: 300 },
  )
})
