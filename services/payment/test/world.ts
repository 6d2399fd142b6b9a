import {
  type AnswerName,
  answers,
  type CommandData,
  commandId,
  commands,
  type EventType,
  events,
  type PlacedOrder,
  placedOrder,
  type RefundChanged,
  refundChanged,
  stepOf,
} from '@countermand/contracts'
import { createUnit, type ScheduledTask } from '@countermand/messaging/unit.ts'
import { z } from 'zod'
import type { Channels } from '../channels/index.ts'
import { payment } from '../handlers.ts'
import type { Payment } from '../state.ts'

type Unit = ReturnType<typeof createUnit<Payment>>
type StepRows = ReturnType<Unit['stepRows']>
type RefundFields = Omit<CommandData<'RefundOrder'>, 'orderId'>
type CloseFields = Omit<CommandData<'CloseRound'>, 'orderId' | 'closes' | 'key'>

const paymentCommands = ['RefundOrder', 'ForbidRefund', 'CloseRound'] as const
type PaymentCommand = (typeof paymentCommands)[number]

export interface Reply {
  readonly requestId: string
  readonly command: PaymentCommand
  readonly round: number
  readonly type: AnswerName
  /** The answer's own fields. */
  readonly data: Record<string, unknown>
}

const asker = z.object({ requestId: z.string(), command: z.enum(paymentCommands), round: z.int() })
const isAnswer = (name: string): name is AnswerName => Object.hasOwn(answers, name)
const isEvent = (type: string): type is EventType => Object.hasOwn(events, type)
const raw = { topic: 'payment.commands.v1', partition: 0, offset: '0', key: null, value: null, headers: {} }

/** One order of one payment service in memory, on the kit's own decisions: for tests that need neither time nor a database. */
export const createWorld = (
  channels: Channels,
  settings = { stepAttempts: 3, stepBackoffMs: 1000, refundPatienceMs: 60_000 },
) => {
  const definition = payment(settings, channels)
  const states = new Map<string, Payment>()
  const tasks = new Map<string, ScheduledTask>()
  const replies: Reply[] = []
  const published: { readonly id: string; readonly type: string; readonly data: RefundChanged }[] = []
  const letters: string[] = []
  let steps: StepRows = []
  let clock = Date.parse('2026-11-20T09:00:00Z')

  const read = ({ headers, value }: Unit['result']['outbox'][number]) => {
    const data: unknown = JSON.parse(String(value))
    const type = headers.ce_type ?? ''
    if (isEvent(type)) published.push({ id: headers.ce_id ?? '', type, data: refundChanged.parse(data) })
    else if (isAnswer(type)) {
      const asked = asker.parse(JSON.parse(headers['reply-to'] ?? ''))
      replies.push({ ...asked, type, data: { ...answers[type].parse(data) } })
    } else if (headers['dlq-reason'] !== undefined) letters.push(headers['dlq-reason'])
    else throw new Error(`expected an event or an answer, got ${type}`)
  }

  const commit = (work: Parameters<Unit['handle']>[0], attempts = 0) => {
    clock += 1000
    const unit = createUnit({ definition, states, steps, now: new Date(clock).toISOString() })
    unit.handle(work, attempts)
    steps = unit.stepRows()
    for (const id of unit.result.dropped) tasks.delete(id)
    for (const task of unit.result.tasks.values()) tasks.set(task.id, task)
    for (const message of unit.result.outbox) read(message)
    return unit.result.waiting
  }

  const send = (
    command: PaymentCommand,
    fields: { requestId: string; round: number; key?: string },
    patienceOver = false,
  ) => {
    const data = commands[command].data.parse({ ...fields, orderId: 'ord-1' })
    const { direction } = commands[command]
    const step = stepOf(command, fields)
    const to = { requestId: fields.requestId, round: fields.round, orderId: 'ord-1', step, direction }
    const reply = { topic: 'saga.replies.v1', partition: undefined, replyTo: JSON.stringify({ ...fields, command }) }
    const work = {
      kind: 'command',
      name: command,
      ...to,
      messageId: commandId(to),
      data,
      reply,
      traceparent: null,
      raw,
    } as const
    return commit({ ...work, patienceOver })
  }

  return {
    tasks,
    replies,
    published,
    /** Reasons of dead letters. */
    letters,
    state: () => states.get('ord-1'),
    accept: (tenders: PlacedOrder['tenders']) => {
      const data = placedOrder.parse({
        orderId: 'ord-1',
        customerId: 'cus-1',
        merchantId: 'mer-1',
        market: 'DE',
        currency: 'EUR',
        placedAt: '2026-11-20T08:00:00Z',
        lines: [
          { lineId: '1', sku: 'SKU', quantity: 1, unitAmount: tenders.reduce((sum, each) => sum + each.amount, 0) },
        ],
        tenders,
      })
      commit({
        kind: 'event',
        type: 'order.accepted.v1',
        source: '/test',
        id: '1',
        orderId: 'ord-1',
        data,
        traceparent: null,
        raw,
      })
    },
    refund: (fields: Partial<RefundFields> = {}, patienceOver = false) => {
      const asked = { requestId: 'req-1', round: 1, amount: 100, currency: 'EUR', refundTo: 'original', ...fields }
      return send('RefundOrder', asked, patienceOver)
    },
    /** A person has decided about a round of the refund: `skip`, unless they say otherwise. */
    close: (fields: Partial<CloseFields> & { readonly of?: number; readonly name?: string } = {}) => {
      const { of = 1, name = `refund-do-${of}`, ...rest } = fields
      const closes = { step: 'refund', direction: 'do', round: of }
      const said = { decision: 'skip', by: 'ops-1', reason: 'paid by hand' }
      send('CloseRound', { requestId: 'req-1', round: 1, key: name, ...{ closes }, ...said, ...rest })
    },
    forbid: (requestId = 'req-1', round = 1) => send('ForbidRefund', { requestId, round }),
    /** Makes a task's call; gives back how to commit its result, which is dropped when the task was moved or ended meanwhile. */
    start: async (id: string): Promise<() => void> => {
      const task = tasks.get(id)
      const handler = definition.tasks[task?.kind ?? '']
      if (task === undefined || handler === undefined) throw new Error(`expected a task ${id}, got none`)
      const leased = { ...task, attempts: task.attempts + 1 }
      tasks.set(id, leased)
      const decide = await handler.run(JSON.parse(JSON.stringify(task.payload)), 'ord-1', task)
      return () => {
        if (tasks.get(id) !== leased) return
        tasks.delete(id)
        commit({ kind: 'task', taskId: id, orderId: 'ord-1', token: '', traceparent: null, decide }, leased.attempts)
      }
    },
  }
}

export type World = ReturnType<typeof createWorld>
