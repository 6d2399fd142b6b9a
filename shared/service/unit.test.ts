import { type CommandData, commandId, eventHeaders } from '@countermand/contracts'
import { readMessage } from '@countermand/kafka/reading.ts'
import { describe, expect, it } from 'vitest'
import { notYet } from './decision.ts'
import type { StepRow } from './rows.ts'
import type { ServiceDefinition } from './service.ts'
import { createUnit } from './unit.ts'
import type { TaskWork } from './work.ts'

/** What was done for an order, step by step. */
interface Done {
  readonly did: readonly string[]
}

const now = '2026-11-20T10:00:00.000Z'

/** A small service on inventory's contracts that waits for its orders, and puts stock on sale by a task. */
const definition: ServiceDefinition<'inventory', Done> = {
  name: 'inventory',
  store: { migrations: {}, load: async () => new Map(), save: async () => {}, heard: () => true },
  commands: {
    SetStockAside: {
      decide: (state, { round }, { patienceOver }) => {
        if (state === undefined)
          return patienceOver ? { answer: { type: 'ReservationNotFound', message: 'never heard of it' } } : notYet
        return { state: { did: [...state.did, `aside ${round}`] }, answer: { type: 'StockSetAside', lines: [] } }
      },
    },
    ReserveAgain: { decide: () => ({ answer: { type: 'NothingToUndo' } }) },
    ReturnStockToSale: {
      decide: (_, { requestId }, at) => ({
        schedule: [{ id: `sell/${requestId}`, kind: 'sell', dueAt: at.now, payload: {} }],
      }),
    },
  },
  queries: {},
  events: {},
  tasks: {},
}

type Name = 'SetStockAside' | 'ReserveAgain' | 'ReturnStockToSale'
const steps = {
  SetStockAside: ['set-stock-aside', 'do'],
  ReserveAgain: ['set-stock-aside', 'undo'],
  ReturnStockToSale: ['return-stock', 'do'],
} as const

const command = (name: Name, round = 1, replyTo = `${name}-${round}`) => {
  const of = { orderId: 'o', requestId: 'r', round }
  const data: CommandData<'ReserveAgain'> | CommandData<'SetStockAside'> =
    name === 'SetStockAside' ? { ...of, lines: [{ lineId: '1', sku: 'S', quantity: 1 }] } : of
  const [step, direction] = steps[name]
  const event = { id: commandId({ ...of, step, direction }), source: '/test', type: name, time: now, subject: 'r' }
  return readMessage('inventory', {
    ...{ topic: 'inventory.commands.v1', partition: 0, offset: '0', key: 'o' },
    headers: { ...eventHeaders(event), 'reply-topic': 'saga.replies.v1', 'reply-to': replyTo },
    value: Buffer.from(JSON.stringify(data)),
  })
}

/** A unit of an order that was heard of, or not, with what earlier ones have written. */
const unitOf = (options: { readonly heard?: boolean; readonly steps?: readonly StepRow[] } = {}) => {
  const states = new Map<string, Done>(options.heard === false ? [] : [['o', { did: [] }]])
  const unit = createUnit<Done>({ definition, states, steps: [...(options.steps ?? [])], now })
  return {
    ...unit,
    did: () => states.get('o')?.did,
    answers: () => unit.result.answered.map(({ answer }) => answer),
    repliesTo: () => unit.result.outbox.map(({ headers }) => headers['reply-to']),
  }
}

const taskOf = (decide: TaskWork<Done>['decide']): TaskWork<Done> => ({
  ...{ kind: 'task', taskId: 'sell/r', orderId: 'o', token: 'mine', traceparent: null },
  decide,
})

describe('a command', () => {
  it('that comes twice is done once, and answered twice, each time to who asked', () => {
    const unit = unitOf()
    unit.handle(command('SetStockAside', 1, 'first'))
    unit.handle(command('SetStockAside', 1, 'second'))
    expect(unit.did()).toEqual(['aside 1'])
    expect(unit.answers()).toEqual(['StockSetAside', 'StockSetAside'])
    expect(unit.repliesTo()).toEqual(['first', 'second'])
  })

  it('that comes again in a later transaction is not done again either', () => {
    const first = unitOf()
    first.handle(command('SetStockAside'))
    const later = unitOf({ steps: first.stepRows() })
    later.handle(command('SetStockAside'))
    expect([later.did(), later.answers()]).toEqual([[], ['StockSetAside']])
  })

  it('whose undo came first is not done, in this round or an earlier one; a later round is', () => {
    const unit = unitOf()
    unit.handle(command('ReserveAgain', 2))
    unit.handle(command('SetStockAside', 1))
    unit.handle(command('SetStockAside', 2))
    expect([unit.did(), unit.answers()]).toEqual([[], ['NothingToUndo', 'Undone', 'Undone']])
    unit.handle(command('SetStockAside', 3))
    expect(unit.did()).toEqual(['aside 3'])
  })

  it('that came before its order waits unanswered, and is decided when patience is over', () => {
    const unit = unitOf({ heard: false })
    unit.handle(command('SetStockAside'))
    expect([unit.answers(), unit.result.waiting.length, unit.stepRows()]).toEqual([[], 1, []])
    const over = unitOf({ heard: false })
    over.handle({ ...command('SetStockAside'), patienceOver: true })
    expect([over.answers(), over.result.waiting]).toEqual([['ReservationNotFound'], []])
  })
})

describe('a command that a task finishes', () => {
  const settled = (answer: 'StockOnSale' | 'AwaitingParcel') =>
    taskOf(() => ({
      settle: [
        {
          ...({ requestId: 'r', step: 'return-stock', direction: 'do' } as const),
          answer: { type: answer, lines: [] },
        },
      ],
    }))

  it('is answered when the task has settled it, to who asked last, and once', () => {
    const unit = unitOf()
    unit.handle(command('ReturnStockToSale', 1, 'first'))
    unit.handle(command('ReturnStockToSale', 1, 'second'))
    expect(unit.answers()).toEqual(['StepPending'])
    unit.handle(settled('StockOnSale'), 1)
    unit.handle(settled('AwaitingParcel'), 2)
    expect(unit.answers()).toEqual(['StepPending', 'StockOnSale'])
    expect(unit.repliesTo()).toEqual(['second', 'second'])
  })

  it('keeps the count of its attempts when the task schedules itself again, and no other task gets it', () => {
    const unit = unitOf()
    const spec = { kind: 'sell', dueAt: now, payload: {} }
    unit.handle(
      taskOf(() => ({
        schedule: [
          { id: 'sell/r', ...spec },
          { id: 'another', ...spec },
        ],
      })),
      7,
    )
    expect([...unit.result.tasks.values()].map(({ id, attempts }) => [id, attempts])).toEqual([
      ['sell/r', 7],
      ['another', 0],
    ])
  })

  it('drops a task that is not needed any more, unless a later decision wants it again', () => {
    const unit = unitOf()
    unit.handle(command('ReturnStockToSale'))
    unit.handle(taskOf(() => ({ unschedule: ['sell/r'] })))
    expect([[...unit.result.tasks.keys()], [...unit.result.dropped]]).toEqual([[], ['sell/r']])
    unit.handle(taskOf(() => ({ schedule: [{ id: 'sell/r', kind: 'sell', dueAt: now, payload: {} }] })))
    expect([[...unit.result.tasks.keys()], [...unit.result.dropped]]).toEqual([['sell/r'], []])
  })
})
