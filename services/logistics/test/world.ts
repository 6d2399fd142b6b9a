import { type Answer, answers, type CommandData, type EventData, isAnswerName } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { ReadCommand } from '@countermand/kafka/reading.ts'
import { createClock } from '@countermand/testing/clock.ts'
import { givenCommand, givenEvent } from '@countermand/testing/given.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import { type Carriers, carriers } from '../carriers/index.ts'
import { type LogisticsSettings, logistics } from '../handlers.ts'
import type { LogisticsOrder } from '../state.ts'
import { carrierInMemory } from './memory-book.ts'

/** The service with its real handlers and carrier, on the kit's own decisions in memory: time moves when a test says so. */

const orderId = 'ord-1'

export interface Heard {
  readonly commandId: string
  readonly answer: Answer
  /** False when a later round of the step had been asked for: an old round's duplicate gets the newest answer. */
  readonly isLatestRound: boolean
}

const defaultSettings: LogisticsSettings = {
  orderPatienceMs: 10_000,
  interceptPatienceMs: 60_000,
  holdPatienceMs: 60_000,
  labelPatienceMs: 60_000,
  stepAttempts: 3,
  undoAttempts: 3,
  stepBackoffMs: 100,
}

type LogisticsCommand = 'ReleaseLabels' | 'PauseFulfilment' | 'StopShipment' | 'ResumeShipment' | 'CloseRound'

/** Which round of each step was asked for last. */
const createRounds = () => {
  const latest = new Map<string, ReadCommand>()
  return {
    asked: (command: ReadCommand) => {
      const series = `${command.step}/${command.direction}`
      if (command.round >= (latest.get(series)?.round ?? 0)) latest.set(series, command)
    },
    isLatest: (id: string) => [...latest.values()].some(({ messageId }) => messageId === id),
  }
}

/** `more`: carriers besides the sandbox's, by their names. */
export const createWorld = (settings: Partial<LogisticsSettings> = {}, more: Carriers = {}) => {
  const clock = createClock('2026-11-20T10:00:00.000Z')
  const { sandbox, entries, turnRound } = carrierInMemory(clock.iso)
  const states = new Map<string, LogisticsOrder>()
  const running: { readonly id: string; readonly finish: () => void }[] = []
  const heard: Heard[] = []
  const rounds = createRounds()
  const published: EventData<'shipment.changed.v1'>[] = []
  const labelsWanted: EventData<'label.wanted.v1'>[] = []
  const deadLetters: string[] = []

  const hear = ({ headers, value }: OutgoingMessage) => {
    const reason = headers['dlq-reason']
    const type = headers.ce_type ?? ''
    if (reason === 'processing-failed') throw new Error(`expected it to be processed, got ${headers['dlq-error']}`)
    if (reason !== undefined) return void deadLetters.push(reason)
    const data = JSON.parse(String(value))
    if (type === 'label.wanted.v1') return void labelsWanted.push(data)
    if (!isAnswerName(type)) return void published.push(data)
    const { commandId, ...fields } = data
    // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
    const answer = { type, ...answers[type].parse(fields) } as Answer
    heard.push({ commandId, answer, isLatestRound: rounds.isLatest(commandId) })
  }
  const definition = logistics({ ...defaultSettings, ...settings }, { ...carriers({ sandbox }), ...more })
  const service = serviceInMemory(definition, states, hear, clock)

  const tasks = () => [...service.tasks.values()]
  const due = () => tasks().filter((task) => Date.parse(task.dueAt) <= clock.now())
  const startable = () => due().filter((task) => !task.leased)
  const start = async (id: string) => {
    if (service.tasks.get(id)?.leased !== false) return
    running.push({ id, finish: await service.start(id) })
  }
  const finish = (place: number) => running.splice(place, 1)[0]?.finish()

  return {
    orderId,
    heard,
    published,
    labelsWanted,
    deadLetters,
    entries,
    turnRound,
    running,
    now: clock.now,
    iso: clock.iso,
    advance: clock.advance,
    order: () => states.get(orderId),
    tasks,
    startable,
    start,
    finish,
    forgetSteps: service.forgetSteps,
    patienceOver: service.patienceOver,
    /** Gives back the command's id. */
    send: <Name extends LogisticsCommand>(name: Name, data: Omit<CommandData<Name>, 'orderId'>): string => {
      const command = givenCommand(name, { orderId, ...data } as CommandData<Name>)
      rounds.asked(command)
      service.take(command)
      return command.messageId
    },
    tell: <Type extends 'order.accepted.v1' | 'shipment.updated.v1' | 'shipment.held.v1' | 'carrier.notified.v1'>(
      type: Type,
      data: EventData<Type>,
    ) => service.take(givenEvent(type, orderId, data)),
    /** What its asker heard last of a command. */
    lastAnswer: (id: string) => heard.findLast((each) => each.commandId === id)?.answer,
    /** Runs everything that is due, then what becomes due until `untilMs` have passed. */
    run: async (untilMs = 0) => {
      const end = clock.now() + untilMs
      for (;;) {
        for (const task of startable()) await start(task.id)
        while (running.length > 0) finish(0)
        if (due().length > 0) continue
        const next = Math.min(...tasks().map((task) => Date.parse(task.dueAt)))
        if (next > end) break
        clock.advanceTo(next)
      }
      clock.advanceTo(end)
    },
  }
}
export type World = ReturnType<typeof createWorld>
