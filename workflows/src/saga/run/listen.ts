import { asId, asNote, clean, isClean, problemOfId, problemOfNote } from '@countermand/contracts/text.ts'
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  currentUpdateInfo,
  patched,
  setHandler,
} from '@temporalio/workflow'
import {
  type ByHand,
  type DecideInput,
  decidedSignal,
  decideUpdate,
  type InputAnswer,
  type Requested,
  type ResolveInput,
  requestedSignal,
  resolveUpdate,
  type SagaResult,
  statusQuery,
  type WithdrawInput,
  withdrawnSignal,
  withdrawUpdate,
} from '../../protocol/inputs.ts'
import { newsSignal } from '../../protocol/news.ts'
import { checkResolution, resolutionOf } from './attention.ts'
import { decide, tellKept } from './gate.ts'
import { heardOnce, soon } from './hear.ts'
import { isKeepable, keepableId } from './input-ids.ts'
import { meterEnd } from './meter.ts'
import { hearNews } from './news.ts'
import { isReadable } from './readable.ts'
import { rejectInput } from './records.ts'
import { forwardOnlyBecause, meantBy, overBecause, refusedInput, type Saga, status } from './saga.ts'
import { show } from './show.ts'
import { askToTurn } from './turns.ts'
import { customersOf, type Word, wordByHand } from './whose-word.ts'

/** After Temporal's Cancel a handler must still be able to act: the saga is not over. */
const unstoppable =
  <Args extends unknown[], Result>(handler: (...args: Args) => Promise<Result>) =>
  (...args: Args): Promise<Result> =>
    CancellationScope.nonCancellable(() => handler(...args))

/** It names activities: what is in a history already must not change. */
const inputIdOf = (id: string, before: (id: string) => string): string =>
  isKeepable(id) || !patched('input-ids-can-be-kept') ? before(id) : keepableId(id)

const updateId = (): string =>
  inputIdOf(`update:${currentUpdateInfo()?.id ?? ''}`, (id) => {
    const cut = id.slice(0, 'update:'.length + 190)
    return !isClean(cut) && patched('update-ids-are-text') ? clean(cut) : cut
  })

const signalId = ({ inputId }: { readonly inputId: string }): string => inputIdOf(inputId, (id) => id)

const expectText = (
  name: string,
  value: unknown,
  most: number,
  problemOf: (text: string) => string | undefined,
): void => {
  if (typeof value !== 'string' || value.length === 0 || value.length > most)
    throw new Error(`expected ${name} to be a text of 1 to ${most} characters`)
  const problem = problemOf(value)
  if (problem !== undefined) throw new Error(`${name}: ${problem}`)
}

const checkBy = (input: unknown) => {
  if (typeof input !== 'object' || input === null) throw new Error('expected an object with who decides, { by, … }')
  expectText('by', 'by' in input ? input.by : undefined, 128, problemOfId)
}

const checkWord = (input: ByHand): void => {
  checkBy(input)
  if (input.onBehalfOf !== undefined) expectText('onBehalfOf', input.onBehalfOf, 128, problemOfId)
}

const checkDecision = (input: DecideInput): void => {
  checkWord(input)
  if (input.decision !== 'approve' && input.decision !== 'reject')
    throw new Error(`expected a decision of approve or reject, got ${input.decision}`)
  if (input.message !== undefined) expectText('message', input.message, 2000, problemOfNote)
}

const withdraw = async (saga: Saga, word: Word, inputId: string): Promise<InputAnswer> => {
  if (await askToTurn(saga, { outcome: 'withdrawn', ...word, inputId })) return { accepted: true }
  // An earlier run has accepted it: this one goes on with its turn.
  if (saga.turning?.inputId === inputId) return { accepted: true }
  const { code, message } = overBecause(saga) ?? { code: 'too-late', message: forwardOnlyBecause(saga) }
  return rejectInput(saga, { name: 'withdraw', inputId }, code, message)
}

const resolve = async (saga: Saga, input: ResolveInput): Promise<InputAnswer> => {
  const parked = meantBy(saga, input)
  if (parked === undefined) return refusedInput('too-late', 'nothing needs attention any more')
  parked.answer = undefined
  parked.resolution = resolutionOf(saga, parked, input)
  await condition(() => parked.answer !== undefined || !saga.parked.includes(parked))
  if (parked.answer !== undefined) return parked.answer
  const turned = input.decision === 'undo' && saga.turning !== undefined
  return turned ? { accepted: true } : refusedInput('too-late', 'the saga has gone on without it')
}

const checkResolve = (saga: Saga, input: ResolveInput): void => {
  checkBy(input)
  expectText('reason', input.reason, 2000, problemOfNote)
  if (input.to !== undefined && input.to !== 'store-credit' && input.to !== 'bank-transfer')
    throw new Error(`expected a destination of store-credit or bank-transfer, got ${input.to}`)
  checkResolution(saga, input)
}

/** Answers what somebody asks about the saga, hears operators, and news that may do without them. */
export const listenToOperators = (saga: Saga): void => {
  setHandler(newsSignal, (news) => {
    if (isReadable(saga, 'news', news)) hearNews(saga, news)
  })
  setHandler(statusQuery, () => status(saga), { description: 'Where it is, what it waits for, what needs attention' })
  setHandler(
    resolveUpdate,
    unstoppable((input: ResolveInput) => resolve(saga, input)),
    {
      description: 'Decides what needs attention: { decision, to?, by, reason }; decision is one that the details name',
      validator: (input) => checkResolve(saga, input),
    },
  )
}

/** A decision whose texts the contract takes: whoever signals by hand is checked by nobody. */
const keepable = <Given extends { readonly by: string; readonly message?: string }>(given: Given): Given => ({
  ...given,
  by: asId(given.by),
  ...(given.message === undefined ? {} : { message: asNote(given.message) }),
})

/** Hears decisions, withdrawals and operators from now on. `onReused` gets a second request with this id and other content. */
export const listen = (saga: Saga, onReused: (requested: Requested) => Promise<void>): void => {
  listenToOperators(saga)
  setHandler(
    requestedSignal,
    unstoppable(async (requested) => {
      if (!isReadable(saga, 'requested', requested)) return
      const { orderId, requestId } = requested.request
      if (orderId !== saga.orderId || requestId !== saga.requestId) await onReused(requested)
      else if (saga.requested === undefined) saga.requested = requested
      else if (saga.requested.digest !== requested.digest) await onReused(requested)
    }),
  )
  setHandler(
    decidedSignal,
    unstoppable(async (decided) => {
      if (!isReadable(saga, 'decided', decided)) return
      const inputId = signalId(decided)
      await heardOnce(saga, inputId, () => decide(saga, keepable({ ...decided, inputId }), 'event'))
    }),
  )
  setHandler(
    withdrawnSignal,
    unstoppable(async (withdrawn) => {
      if (!isReadable(saga, 'withdrawn', withdrawn)) return
      const { by } = withdrawn
      const inputId = signalId(withdrawn)
      await heardOnce(saga, inputId, () => withdraw(saga, { by }, inputId))
    }),
  )
  setHandler(
    decideUpdate,
    unstoppable((input: DecideInput) => {
      const now = new Date().toISOString()
      const inputId = updateId()
      const decided = { ...input, inputId, at: now, arrivedAt: now }
      return soon(
        saga,
        heardOnce(saga, inputId, () => decide(saga, decided, 'by-hand')),
      )
    }),
    {
      description: "The merchant's decision: { decision: approve or reject, by, onBehalfOf?, message? }",
      validator: checkDecision,
    },
  )
  setHandler(
    withdrawUpdate,
    unstoppable((input: WithdrawInput) => {
      const inputId = updateId()
      const word = wordByHand(input, customersOf(saga))
      return soon(
        saga,
        heardOnce(saga, inputId, () => withdraw(saga, word, inputId)),
      )
    }),
    {
      description: 'The customer takes the request back, before money has moved: { by, onBehalfOf? }',
      validator: checkWord,
    },
  )
}

/** Temporal's Cancel is a wish to turn back like any other: before the pivot it undoes, after it the saga finishes. */
export const turnWhenCancelled = (saga: Saga): void => {
  CancellationScope.current().cancelRequested.catch(() =>
    CancellationScope.nonCancellable(() => askToTurn(saga, { outcome: 'withdrawn', by: 'operator' })),
  )
}

/** Ends the run once everybody who asked has their answer. */
export const close = async (saga: Saga, result: SagaResult): Promise<SagaResult> => {
  saga.ended = result
  meterEnd(saga)
  saga.stage = 'closed'
  saga.waits = []
  show(saga)
  await tellKept(saga)
  await condition(() => allHandlersFinished() && saga.undecided === 0)
  return result
}
