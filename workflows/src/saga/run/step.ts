import type { AnswerName, AnswerTo, CommandName, commands, RefusalCode, SagaStage } from '@countermand/contracts'
import type { Call, OwnData } from '../../protocol/commands.ts'
import type { Saga } from './saga.ts'

/** What a step of the saga's page is made of. The compiler holds each to its kind: what can be taken back says how, the rest does not. */

/** A person let the saga go on without this step. */
export interface Skipped {
  readonly type: 'Skipped'
}

type Contract = typeof commands
type StepOf<Name extends CommandName> = Contract[Name]['step']
type TakenBackBy<Name extends CommandName> = Contract[Name] extends { readonly undoes: readonly (infer Step)[] }
  ? Step
  : never

/** The command that takes another back, as the contract has it. */
export type UndoOf<Name extends CommandName> = {
  [Undo in CommandName]: StepOf<Name> extends TakenBackBy<Undo> ? Undo : never
}[CommandName]

/** A command that is asked: what it is for, in words, and its data, of the saga as it is then. */
export interface Asks<Name extends CommandName> {
  readonly command: Name
  readonly says: (saga: Saga) => string
  readonly data: (saga: Saga) => OwnData<Name>
}

export const asks = <Name extends CommandName>(
  command: Name,
  says: (saga: Saga) => string,
  data: (saga: Saga) => OwnData<Name>,
): Asks<Name> => ({ command, says, data })

/** For a command that says it all by its name. */
export const nothing = (): Record<string, never> => ({})

export const callOf = <Name extends CommandName>(saga: Saga, { command, says, data }: Asks<Name>): Call<Name> => ({
  command,
  summary: says(saga),
  data: data(saga),
})

interface Plan<Name extends CommandName> {
  readonly title: string
  readonly stage: SagaStage
  readonly do: Asks<Name>
  /** The answers that are its "no", and how the public story names each. */
  readonly no?: Partial<Record<AnswerTo<Name>['type'], RefusalCode>>
}

/** Before the pivot: it is taken back when the saga turns. */
export interface Compensatable<Name extends CommandName, Undo extends CommandName> extends Plan<Name> {
  readonly kind: 'compensatable'
  readonly undo: Asks<Undo>
}

/** From its first effect on there is only forward. `forbid` tells whether that has come, and if not keeps it from coming. */
export interface Pivot<Name extends CommandName, Undo extends CommandName> extends Plan<Name> {
  readonly kind: 'pivot'
  readonly forbid: Asks<Undo>
}

/** After the pivot: it is tried until it is done. Nobody may refuse it, and nothing takes it back. */
export interface Retriable<Name extends CommandName> extends Omit<Plan<Name>, 'no'> {
  readonly kind: 'retriable'
}

export const compensatable = <Name extends CommandName, Undo extends UndoOf<Name>>(
  step: Plan<Name> & { readonly undo: Asks<Undo> },
): Compensatable<Name, Undo> => ({ kind: 'compensatable', ...step })

export const pivot = <Name extends CommandName, Undo extends UndoOf<Name>>(
  step: Plan<Name> & { readonly forbid: Asks<Undo>; readonly undo?: never },
): Pivot<Name, Undo> => ({ kind: 'pivot', ...step })

export const retriable = <Name extends CommandName>(
  step: Plan<Name> & { readonly undo?: never; readonly no?: never },
): Retriable<Name> => ({ kind: 'retriable', ...step })

export type Step = Compensatable<CommandName, CommandName> | Pivot<CommandName, CommandName> | Retriable<CommandName>

/** A "no", as the wish to turn back that it is. */
export interface No {
  readonly outcome: 'compensated'
  readonly code: RefusalCode
  readonly message?: string
}

/** What a step's answer is a "no" to; `undefined`: it is none. */
export const noOf = <Name extends CommandName>(
  step: { readonly do: Asks<Name>; readonly no?: Partial<Record<AnswerName, RefusalCode>> },
  answer: AnswerTo<Name> | Skipped,
): No | undefined => {
  const code = answer.type === 'Skipped' ? undefined : step.no?.[answer.type]
  if (code === undefined) return undefined
  const said = 'message' in answer && answer.message !== undefined ? { message: answer.message } : {}
  return { outcome: 'compensated', code, ...said }
}

/** What takes back all that comes before the pivot: last first, each once, also of steps that a run does not remember. */
export const undosOf = (steps: Readonly<Record<string, Step>>): Asks<CommandName>[] => {
  const all = Object.values(steps)
  const before = all.slice(
    0,
    all.findIndex(({ kind }) => kind === 'pivot'),
  )
  const undos = before.flatMap((step) => (step.kind === 'compensatable' ? [step.undo] : [])).toReversed()
  return [...new Map(undos.map((undo) => [undo.command, undo])).values()]
}
