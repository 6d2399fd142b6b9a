import {
  type AnswerName,
  amendedOrder,
  answers,
  type CommandData,
  type CommandName,
  type EventData,
  type EventType,
  events,
  isAnswerName,
  type PlacedOrder,
  placedOrder,
  type RefundChanged,
  refundChanged,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { ReadMessage } from '@countermand/kafka/reading.ts'
import { createClock } from '@countermand/testing/clock.ts'
import { givenCommand, givenEvent } from '@countermand/testing/given.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import { z } from 'zod'
import type { AccountFor, Channels } from '../channels/index.ts'
import { payment } from '../handlers.ts'
import type { Payment } from '../state.ts'

type RefundFields = Omit<CommandData<'RefundOrder'>, 'orderId'>
type CloseFields = Omit<CommandData<'CloseRound'>, 'orderId' | 'closes' | 'key'>

const paymentCommands = ['RefundOrder', 'ForbidRefund', 'CloseRound'] as const satisfies readonly CommandName[]

/** An answer with who asked for it: that comes back as it was sent. */
export interface Reply {
  readonly requestId: string
  readonly command: (typeof paymentCommands)[number]
  readonly round: number
  readonly type: AnswerName
  /** The answer's own fields. */
  readonly data: Record<string, unknown>
}

const asker = z.object({ requestId: z.string(), command: z.enum(paymentCommands), round: z.int() })
const isEvent = (type: string): type is EventType => Object.hasOwn(events, type)

const orderId = 'ord-1'

const placed = (tenders: PlacedOrder['tenders'], currency: string) =>
  placedOrder.parse({
    ...{ orderId, customerId: 'cus-1', merchantId: 'mer-1', market: 'DE', currency },
    placedAt: '2026-11-20T08:00:00Z',
    lines: [{ lineId: '1', sku: 'SKU', quantity: 1, unitAmount: tenders.reduce((sum, each) => sum + each.amount, 0) }],
    tenders,
  })

/** One order of a payment service in memory, a second later with each message and each result. */
export const createWorld = (
  channels: Channels,
  settings = { stepAttempts: 3, stepBackoffMs: 1000, refundPatienceMs: 60_000 },
  accounts?: AccountFor,
  currency = 'EUR',
) => {
  const clock = createClock('2026-11-20T09:00:00Z')
  const states = new Map<string, Payment>()
  const replies: Reply[] = []
  const published: { readonly id: string; readonly type: string; readonly data: RefundChanged }[] = []
  const letters: string[] = []

  const hear = ({ headers, value }: OutgoingMessage) => {
    const reason = headers['dlq-reason']
    const type = headers.ce_type ?? ''
    if (reason === 'processing-failed') throw new Error(`expected it to be processed, got ${headers['dlq-error']}`)
    if (reason !== undefined) letters.push(reason)
    else if (isEvent(type))
      published.push({ id: headers.ce_id ?? '', type, data: refundChanged.parse(JSON.parse(String(value))) })
    else if (isAnswerName(type)) {
      const asked = asker.parse(JSON.parse(headers['reply-to'] ?? ''))
      replies.push({ ...asked, type, data: { ...answers[type].parse(JSON.parse(String(value))) } })
    } else throw new Error(`expected an event or an answer, got ${type}`)
  }
  const service = serviceInMemory(payment(settings, channels, accounts), states, hear, clock)

  const take = (read: ReadMessage) => {
    clock.advance(1000)
    service.take(read)
  }
  const send = <Name extends Reply['command']>(command: Name, data: CommandData<Name>) => {
    const { requestId, round } = data
    take(givenCommand(command, data, JSON.stringify({ requestId, round, command })))
  }

  return {
    tasks: service.tasks,
    /** ISO 8601. */
    now: clock.iso,
    /** Time passes. */
    later: (milliseconds: number) => clock.advance(milliseconds),
    waiting: service.waiting,
    patienceOver: service.patienceOver,
    replies,
    published,
    /** Reasons of dead letters. */
    letters,
    state: () => states.get(orderId),
    accept: (tenders: PlacedOrder['tenders']) =>
      take(givenEvent('order.accepted.v1', orderId, placed(tenders, currency))),
    /** The shop has changed the order: these are its tenders from now on. */
    amend: (version: number, tenders: PlacedOrder['tenders']) => {
      const order = amendedOrder.parse({ ...placed(tenders, currency), version, changeId: `chg-${version}` })
      take(givenEvent('order.amended.v1', orderId, order))
    },
    /** Checkout says that a tender which was held was taken. */
    capture: (tenderId: string, amount: number) => {
      const taken = { orderId, tenderId, amount, at: clock.iso() }
      take(givenEvent('payment.captured.v1', orderId, events['payment.captured.v1'].data.parse(taken)))
    },
    /** The provider tells of a refund. */
    notify: (about: Partial<EventData<'channel.notified.v1'>>) => {
      const told = {
        orderId,
        account: 'sandbox-card',
        provider: 'sandbox-card',
        notificationId: 'evt_1',
        occurredAt: clock.iso(),
      }
      take(givenEvent('channel.notified.v1', orderId, { ...told, kind: 'look', ...about }))
    },
    refund: (fields: Partial<RefundFields> = {}) => {
      const asked = { requestId: 'req-1', round: 1, amount: 100, currency, refundTo: 'original' } as const
      send('RefundOrder', { orderId, fallback: 'attention', ...asked, ...fields })
    },
    /** A person has decided about a round of the refund: `skip`, unless they say otherwise. */
    close: (fields: Partial<CloseFields> & { readonly of?: number; readonly name?: string } = {}) => {
      const { of = 1, name = `refund-do-${of}`, ...rest } = fields
      const closes = { step: 'refund', direction: 'do', round: of } as const
      const said = { decision: 'skip', by: 'ops-1', reason: 'paid by hand' } as const
      send('CloseRound', { orderId, requestId: 'req-1', round: 1, key: name, closes, ...said, ...rest })
    },
    forbid: (requestId = 'req-1', round = 1) => send('ForbidRefund', { orderId, requestId, round }),
    /** Makes a task's call; gives back how to commit its result, which is dropped when the task was moved or ended meanwhile. */
    start: async (id: string): Promise<() => void> => {
      const finish = await service.start(id)
      return () => {
        clock.advance(1000)
        finish()
      }
    },
  }
}

export type World = ReturnType<typeof createWorld>
