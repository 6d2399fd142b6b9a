import { type Answer, answers, type CommandData, commandId, commands, type EventData } from '@countermand/contracts'
import type { TaskMoment } from '@countermand/messaging'
import type { Decision } from '@countermand/messaging/decision.ts'
import type { ReadCommand, ReadEvent } from '@countermand/messaging/reading.ts'
import type { StepRow } from '@countermand/messaging/rows.ts'
import { createUnit, type ScheduledTask } from '@countermand/messaging/unit.ts'
import type { CarrierCall } from '../carriers/carrier.ts'
import { carriers } from '../carriers/index.ts'
import { type BookEntry, blankEntry, type CarrierBook, type Turn } from '../carriers/sandbox.ts'
import { type LogisticsSettings, logistics } from '../handlers.ts'
import type { LogisticsOrder } from '../state.ts'

/** The service with its real handlers and carrier, on the kit's own decisions in memory: time moves when a test says so. */

const orderId = 'ord-1'
const raw = { topic: 'test', partition: 0, offset: '0', key: orderId, value: null, headers: {} }

export const memoryBook = (clock: () => Date) => {
  const entries = new Map<string, BookEntry>()
  const known = new Map<string, unknown>()
  const book: CarrierBook = {
    turn: async <Value>(
      call: CarrierCall,
      key: string | undefined,
      take: (entry: BookEntry, now: Date) => Turn<Value>,
    ): Promise<Value> => {
      if (key !== undefined && known.has(key)) return known.get(key) as Value
      const taken = take(entries.get(call.shipmentId) ?? blankEntry(call.trackingNumber), clock())
      entries.set(call.shipmentId, taken.entry)
      if ('error' in taken) throw new Error(taken.error)
      if (key !== undefined) known.set(key, taken.answer)
      return taken.answer
    },
  }
  return { book, entries }
}

interface RunningTask {
  readonly id: string
  readonly row: ScheduledTask
  readonly attempts: number
  readonly decide: (order: LogisticsOrder | undefined, at: TaskMoment) => Decision<LogisticsOrder>
}

export interface Heard {
  readonly commandId: string
  readonly answer: Answer
  /** False when a later round of the step had been asked for: an old round's duplicate gets the newest answer. */
  readonly isLatestRound: boolean
}

const defaultSettings: LogisticsSettings = {
  orderPatienceMs: 10_000,
  interceptPatienceMs: 60_000,
  stepAttempts: 3,
  undoAttempts: 3,
  stepBackoffMs: 100,
}

type LogisticsCommand = 'PauseFulfilment' | 'StopShipment' | 'ResumeShipment'

export const createWorld = (settings: Partial<LogisticsSettings> = {}) => {
  let now = Date.parse('2026-11-20T10:00:00.000Z')
  const iso = () => new Date(now).toISOString()
  const { book, entries } = memoryBook(() => new Date(now))
  const definition = logistics({ ...defaultSettings, ...settings }, carriers({ sandbox: book }))
  const states = new Map<string, LogisticsOrder>()
  const tasks = new Map<string, ScheduledTask>()
  const running: RunningTask[] = []
  const heard: Heard[] = []
  const rounds = new Map<string, number>()
  const latest = new Set<string>()
  const published: EventData<'shipment.changed.v1'>[] = []
  const deadLetters: string[] = []
  let steps: StepRow[] = []
  let waiting: (ReadCommand | ReadEvent)[] = []

  type Unit = ReturnType<typeof createUnit<LogisticsOrder>>
  const transact = (work: (unit: Unit) => void) => {
    const unit = createUnit({ definition, states, steps, now: iso() })
    work(unit)
    steps = unit.stepRows()
    waiting.push(...unit.result.waiting)
    for (const id of unit.result.dropped) tasks.delete(id)
    for (const [id, task] of unit.result.tasks) tasks.set(id, task)
    for (const { topic, value, headers } of unit.result.outbox) {
      const data = JSON.parse(String(value))
      if (topic === 'replies') {
        const { commandId: id, ...fields } = data
        const type = headers.ce_type as Answer['type']
        const answer = { type, ...answers[type].parse(fields) } as Answer
        heard.push({ commandId: id, answer, isLatestRound: latest.has(id) })
      } else if (topic.endsWith('.dlq')) deadLetters.push(headers['dlq-reason'] ?? '')
      else published.push(data)
    }
  }

  const start = async (id: string) => {
    const row = tasks.get(id)
    if (row === undefined || running.some((each) => each.row === row)) return
    const handler = definition.tasks[row.kind]
    if (handler === undefined) throw new Error(`expected a handler of ${row.kind}`)
    // As it comes back from a jsonb column.
    const payload: unknown = JSON.parse(JSON.stringify(row.payload))
    const decide = await handler.run(payload, row.orderId, row)
    running.push({ id, row, attempts: row.attempts + 1, decide })
  }

  const finish = (place: number) => {
    const [task] = running.splice(place, 1)
    // As in the kit: a task that was scheduled anew or dropped meanwhile has lost its lease, and its result with it.
    if (task === undefined || tasks.get(task.id) !== task.row) return
    tasks.delete(task.id)
    transact((unit) =>
      unit.handle(
        { kind: 'task', taskId: task.id, orderId, token: 't', traceparent: null, decide: task.decide },
        task.attempts,
      ),
    )
  }

  const due = () => [...tasks.values()].filter((task) => Date.parse(task.dueAt) <= now)
  const startable = () => due().filter((task) => !running.some((each) => each.row === task))

  const send = <Name extends LogisticsCommand>(name: Name, data: Omit<CommandData<Name>, 'orderId'>) => {
    const { step, direction } = commands[name]
    const about = { orderId, requestId: data.requestId, step, direction, round: data.round }
    const command: ReadCommand = {
      kind: 'command',
      name,
      ...about,
      messageId: commandId(about),
      data: { orderId, ...data },
      reply: { topic: 'replies', partition: undefined, replyTo: 'x' },
      traceparent: null,
      raw,
    }
    const series = `${step}/${direction}`
    const highest = rounds.get(series) ?? 0
    for (let earlier = 1; earlier < data.round; earlier++) latest.delete(commandId({ ...about, round: earlier }))
    if (data.round >= highest) latest.add(command.messageId)
    rounds.set(series, Math.max(highest, data.round))
    transact((unit) => unit.handle(command))
    return command.messageId
  }

  const tell = <Type extends 'order.accepted.v1' | 'shipment.updated.v1'>(type: Type, data: EventData<Type>) => {
    const event: ReadEvent = { kind: 'event', type, source: 'test', id: 'e', orderId, data, traceparent: null, raw }
    transact((unit) => unit.handle(event))
    if (!states.has(orderId)) return
    const late = waiting
    waiting = []
    for (const message of late) transact((unit) => unit.handle(message))
  }

  return {
    orderId,
    heard,
    published,
    deadLetters,
    entries,
    running,
    send,
    tell,
    now: () => now,
    iso,
    order: () => states.get(orderId),
    tasks: () => [...tasks.values()],
    startable,
    start,
    finish,
    advance: (ms: number) => {
      now += ms
    },
    /** As the kit does with steps when their time is over. */
    forgetSteps: () => {
      steps = []
    },
    /** What its asker heard last of a command. */
    lastAnswer: (id: string) => heard.findLast((each) => each.commandId === id)?.answer,
    patienceOver: () => {
      const late = waiting
      waiting = []
      for (const message of late) transact((unit) => unit.handle({ ...message, patienceOver: true }))
    },
    /** Runs everything that is due, then what becomes due until `untilMs` have passed. */
    run: async (untilMs = 0) => {
      const end = now + untilMs
      for (;;) {
        for (const task of startable()) await start(task.id)
        while (running.length > 0) finish(0)
        if (due().length > 0) continue
        const next = Math.min(...[...tasks.values()].map((task) => Date.parse(task.dueAt)))
        if (next > end) break
        now = Math.max(now, next)
      }
      now = end
    },
  }
}
export type World = ReturnType<typeof createWorld>

/** An order of two lines, 2 of line 1 and 1 of line 2. */
export const acceptedOrder = (
  shipments: EventData<'order.accepted.v1'>['shipments'],
): EventData<'order.accepted.v1'> => ({
  orderId,
  customerId: 'cus-7',
  merchantId: 'mer-3',
  market: 'DE',
  currency: 'EUR',
  placedAt: '2026-11-20T09:00:00Z',
  lines: [
    { lineId: '1', sku: 'SKU-MUG', quantity: 2, unitAmount: 1250, discountAmount: 0, taxAmount: 0 },
    { lineId: '2', sku: 'SKU-TEA', quantity: 1, unitAmount: 500, discountAmount: 0, taxAmount: 0 },
  ],
  shippingAmount: 0,
  shippingTaxAmount: 0,
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 3000, paymentRef: 'pay_ok' }],
  shipments,
})

export const parcel = (
  shipmentId: string,
  trackingNumber: string,
  status: EventData<'shipment.updated.v1'>['status'],
  lineIds: string[] = ['1', '2'],
) => ({ shipmentId, carrier: 'sandbox', trackingNumber, status, lineIds })
