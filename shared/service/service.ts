import {
  type Answer,
  type AnswerTo,
  type CommandData,
  type CommandName,
  type CommandsOf,
  check,
  type EventData,
  type EventType,
  type KitName,
  type QueryName,
  said,
  saidThroughout,
} from '@countermand/contracts'
import type { DatabaseTransaction, Migrations } from '@countermand/database'
import { inSpan, type SpanStart, within } from '@countermand/telemetry'
import type { z } from 'zod'
import type { Decision, Moment, NotYet, Publication } from './decision.ts'
import type { EndedRequests } from './janitor.ts'
import type { ServiceMeasure } from './measures.ts'

/** What a service is, in one value: its store and its tables of handlers. The kit does the rest, the same for all. */
export interface ServiceDefinition<Name extends KitName, State> {
  readonly name: Name
  readonly store: Store<State>
  readonly commands: { readonly [Command in Exclude<CommandsOf<Name>, QueryName>]: CommandHandler<State, Command> }
  /** What a closed round of one of its steps means to it, beyond that nothing of it is done any more: that is the kit's part. */
  readonly closing?: CommandHandler<State, 'CloseRound'>
  /** Commands that change nothing: answered from the database as it is, nothing of them is kept. */
  readonly queries: { readonly [Query in Extract<CommandsOf<Name>, QueryName>]: QueryHandler<Query> }
  readonly events: { readonly [Type in EventType]?: EventHandler<State, Type> }
  /** By `kind`; made with {@link task}. */
  readonly tasks: Readonly<Record<string, TaskHandler<State>>>
  /** What its tables tell in metrics, beside what the kit's do. */
  readonly measures?: readonly ServiceMeasure[]
  /** Where it is known which requests have ended: what the kit keeps of them is forgotten after a while. */
  readonly ended?: EndedRequests
}

/**
 * A service as the kit sees it, whichever it is. Handlers take the data of their own message: the kit gives each only data that
 * was checked against that message's contract.
 */
export interface AnyService<State> {
  readonly name: KitName
  readonly store: Omit<Store<State>, 'save'> & {
    save(
      tx: DatabaseTransaction,
      changes: readonly Change<State>[],
      free: readonly AnyFreeEvent[],
    ): Promise<readonly SharedNews[] | undefined>
  }
  readonly commands: {
    readonly [Command in CommandName]?: {
      decide(state: State | undefined, command: object, at: Moment): Decision<State> | NotYet
      again?(state: State | undefined, command: object, stored: Answer | undefined, at: Moment): Answer
    }
  }
  readonly closing?: {
    decide(state: State | undefined, command: object, at: Moment): Decision<State> | NotYet
    again?(state: State | undefined, command: object, stored: Answer | undefined, at: Moment): Answer
  }
  readonly queries: {
    readonly [Query in QueryName]?: { answer(tx: DatabaseTransaction, query: object): Promise<Answer> }
  }
  readonly events: {
    readonly [Type in EventType]?:
      | { decide(state: State | undefined, event: object, at: Moment): Decision<State> | NotYet }
      | { readonly free: true; readonly named?: true }
  }
  readonly tasks: Readonly<Record<string, TaskHandler<State>>>
  readonly measures?: readonly ServiceMeasure[]
  readonly ended?: EndedRequests
}

/** Keys of one transaction. Each order's lock is held when the store is called, so no `FOR UPDATE` is needed for an order's own rows. */
export interface Keys {
  readonly orderIds: readonly string[]
  /** The requests that the batch speaks of. */
  readonly requestIds: readonly string[]
}

export interface Change<State> {
  readonly orderId: string
  readonly before: State | undefined
  readonly after: State
}

/** An event that belongs to no order, so that no order's lock is held for what it changes. */
export type FreeEvent = {
  [Type in EventType]: { readonly type: Type; readonly data: EventData<Type> }
}[EventType]

interface AnyFreeEvent {
  readonly type: EventType
  readonly data: object
}

/** An event of what orders share, keyed by that. */
export interface SharedNews {
  readonly key: string
  readonly event: Publication
}

export interface Store<State> {
  readonly migrations: Migrations
  /** Loads, with one query per table, what is known of these orders; absent: nothing is. */
  load(tx: DatabaseTransaction, keys: Keys): Promise<Map<string, State>>
  /**
   * Writes what changed and what the free events bring, with one statement per table. Called once in a transaction: rows that several
   * orders share are taken all together, in sorted order. Gives back what only these rows can tell; absent: nothing.
   */
  save(
    tx: DatabaseTransaction,
    changes: readonly Change<State>[],
    free: readonly FreeEvent[],
  ): Promise<readonly SharedNews[] | undefined>
  /** Whether the order itself has been heard of; messages that came before it are taken up then. */
  heard(state: State): boolean
  /** Which version of the order was heard of; messages that wait for a later one are taken up when it comes. Absent: there is only one. */
  versionOf?(state: State): number
}

export interface CommandHandler<State, Name extends CommandName> {
  /** Called once per round. A do whose undo came first never gets here; an undo is called also when nothing was done. */
  decide(state: State | undefined, command: CommandData<Name>, at: Moment): Decision<State, AnswerTo<Name>> | NotYet
  /** The answer to a duplicate; by default the stored one, or `StepPending` while there is none. */
  again?(
    state: State | undefined,
    command: CommandData<Name>,
    stored: AnswerTo<Name> | undefined,
    at: Moment,
  ): AnswerTo<Name>
}

export interface QueryHandler<Name extends QueryName> {
  answer(tx: DatabaseTransaction, query: CommandData<Name>): Promise<AnswerTo<Name>>
}

export type EventHandler<State, Type extends EventType> =
  /** An event about an order. */
  | { decide(state: State | undefined, event: EventData<Type>, at: Moment): Decision<State> | NotYet }
  /** An event that belongs to no order: the store saves what it brings. `named`: it keeps by a name what it has taken, so that twice counts once, however late. */
  | { readonly free: true; readonly named?: true }

export type TaskResult<Outcome> =
  | { readonly ok: true; readonly value: Outcome }
  | { readonly ok: false; readonly error: string }

export interface TaskMoment extends Moment {
  /** Which run of this task this is, from 1. */
  readonly attempt: number
}

/** What a task's run is shown as in traces, and what it goes on from. */
export interface TaskTrace {
  readonly kind: string
  readonly traceparent: string | null
}

/** A task's handler as the kit sees it: runs the call, then gives back the decision to make of its result. */
export interface TaskHandler<State> {
  run(payload: unknown, orderId: string, trace: TaskTrace): Promise<TaskDecision<State>>
  /** The decision when the result of a run cannot be used. */
  failed(payload: unknown, error: string): TaskDecision<State>
}

type TaskDecision<State> = (state: State | undefined, at: TaskMoment) => Decision<State>

const callSpan = (orderId: string, { kind, traceparent }: TaskTrace): SpanStart => ({
  name: kind,
  kind: 'client',
  parent: traceparent,
  attributes: { 'countermand.order.id': orderId },
})

/** A payload is our own: one that its task cannot read was made by other code, and its words are for who looks after the task. */
const readPayload = <Payload>(schema: z.ZodType<Payload>, raw: unknown): Payload => {
  const checked = check(schema, raw)
  if (!checked.ok) throw new Error(`expected a payload that the task can read, got ${checked.problems}`)
  return checked.data
}

/** A call that has not come back by then has failed, done or not: it would hold its place among the tasks that run, and nobody would try again. */
const callWithinMs = 60_000

/**
 * Makes a task handler. `perform` is the call outside of any transaction (none: the task is a mere deadline); what it throws, or
 * does not come back from in time, is a technical failure, given to `decide`, which may schedule the same task again. It may run twice (a crash after the
 * call): give it an idempotency key.
 */
export const task = <State, Payload, Outcome = undefined>(definition: {
  readonly payload: z.ZodType<Payload>
  readonly perform?: (payload: Payload, orderId: string) => Promise<Outcome>
  /** Milliseconds. */
  readonly withinMs?: number
  readonly decide: (
    state: State | undefined,
    payload: Payload,
    result: TaskResult<Outcome | undefined>,
    at: TaskMoment,
  ) => Decision<State>
}): TaskHandler<State> => ({
  run: async (raw, orderId, trace) => {
    const payload = readPayload(definition.payload, raw)
    const { perform, withinMs = callWithinMs } = definition
    const called =
      perform === undefined
        ? Promise.resolve(undefined)
        : inSpan(callSpan(orderId, trace), () => within(withinMs, 'an answer', perform(payload, orderId)))
    const result = await called.then(
      (value): TaskResult<Outcome | undefined> => ({ ok: true, value: saidThroughout(value) }),
      (error: unknown): TaskResult<Outcome | undefined> => ({
        ok: false,
        error: said(error instanceof Error ? error.message : String(error)),
      }),
    )
    return (state, at) => definition.decide(state, payload, result, at)
  },
  failed: (raw, error) => {
    const payload = readPayload(definition.payload, raw)
    return (state, at) => definition.decide(state, payload, { ok: false, error: said(error) }, at)
  },
})

/** When to try again: doubling from `backoffMs` to a minute; `undefined` when the attempts are used up. ISO 8601. */
export const nextAttemptAt = (
  at: TaskMoment,
  policy: { readonly attempts: number; readonly backoffMs: number },
): string | undefined =>
  at.attempt >= policy.attempts
    ? undefined
    : new Date(
        Date.parse(at.now) + Math.min(policy.backoffMs * 2 ** (at.attempt - 1), Math.max(60_000, policy.backoffMs)),
      ).toISOString()
