import type { AttentionReason, OrderStatus, Remedy, SagaOutcome } from '@countermand/contracts'
import {
  type Failure,
  failures,
  isTechnical,
  type Sequel,
  type StepName,
  sequelsOf,
  stepNames,
  stepOf,
  type UndoWay,
} from './steps.ts'

/** The failure table: what each cell comes to. The tests play every cell; `docs/failure-table.md` is made of them. */

export interface Facts {
  readonly order: Exclude<OrderStatus, 'on-hold'>
  /** Minor units, by the ledger and by the bank. */
  readonly refunded: number
  readonly atTheBank: number
  readonly stock: 'reserved' | 'aside' | 'on-sale' | ''
  readonly parcel: 'as-sent' | 'label-voided'
}

export interface Attention {
  readonly reason: AttentionReason
  readonly remedies: readonly Remedy[]
}

export interface Cell {
  readonly step: StepName
  readonly failure: Failure
  readonly sequel: Sequel
  /** In order; the two steps that run side by side, in the order of their names. */
  readonly asked: readonly string[]
  readonly outcome: SagaOutcome
  readonly code?: string
  /** The public events after `order.cancellation.`, in order. */
  readonly story: readonly string[]
  /** What the SRE is shown, in order. */
  readonly attention: readonly Attention[]
  readonly facts: Facts
}

export const amount = 3351

/** Everything is as it should be once the order is cancelled. */
export const complete: Facts = {
  order: 'cancelled',
  refunded: amount,
  atTheBank: amount,
  stock: 'on-sale',
  parcel: 'label-voided',
}
/** Everything is as if the saga had not run. */
export const asBefore: Facts = { order: 'paid', refunded: 0, atTheBank: 0, stock: 'reserved', parcel: 'as-sent' }

const straight: readonly StepName[] = ['hold', 'stock', 'stop', 'refund', 'return', 'close']
export const roadBack = ['ForbidRefund', 'ReserveAgain', 'ResumeShipment', 'AbandonCancellation']

const goesBack = (sequel: Sequel): sequel is Extract<Sequel, { undo: unknown }> => 'undo' in sequel

/** Where money had moved before anybody wished to turn back: nothing is taken back then. */
const isTooLate = ({ step, failure, sequel }: Pick<Cell, 'step' | 'failure' | 'sequel'>): boolean =>
  sequel.by === 'late-withdrawal' ||
  sequel.by === 'late-undo' ||
  (step === 'refund' && failure === 'done' && sequel.by === 'withdrawal')

const forward = (step: StepName): StepName[] => {
  if (step === 'pause') return ['hold', 'pause', ...straight.slice(1)]
  // Labels are given back where parcels were only held.
  return step === 'release' ? straight.toSpliced(-1, 0, 'release') : [...straight]
}

/** Up to the step, with what runs beside it. */
const until = (step: StepName): StepName[] => {
  const road = forward(step)
  return road.slice(0, road.indexOf(step === 'stock' ? 'stop' : step) + 1)
}

/** Whether a person had it tried again. */
const isTriedAgain = ({ by }: Sequel): boolean => by === 'retry' || by === 'late-undo' || by === 'refund-elsewhere'

/** Whether the service is told of the decision about its step, and does nothing of that round any more. */
const isClosed = (sequel: Sequel): boolean =>
  sequel.by === 'skip' || sequel.by === 'refund-elsewhere' || ('next' in sequel && sequel.next === 'refund-elsewhere')

const twice = (command: string, again: boolean) => (again ? [command, `${command} 2`] : [command])

const askedOn = (road: readonly StepName[], step: StepName, again: boolean, closed = false): string[] =>
  road.flatMap((each) => {
    const { command } = stepOf(each)
    // Of the two that run side by side, both are asked before a person decides.
    const closes = closed && each === (step === 'stock' ? 'stop' : step) ? ['CloseRound'] : []
    return again && each === step ? [command, ...closes, `${command} 2`] : [command, ...closes]
  })

const askedBack = (undo: string | undefined, way: UndoWay | undefined): string[] =>
  roadBack.flatMap((each) => {
    if (each !== undo) return [each]
    return way === 'fails-then-skip' ? [each, 'CloseRound'] : twice(each, way === 'fails-then-retry')
  })

const undoAgain = (sequel: Sequel): boolean => goesBack(sequel) && sequel.undo === 'fails-then-retry'

type Case = Pick<Cell, 'step' | 'failure' | 'sequel'>

const askedOf = (each: Case): string[] => {
  const { step, failure, sequel } = each
  const { undo } = stepOf(step)
  if (step === 'hold' && failure === 'refused') return ['BeginCancellation']
  if (isTooLate(each)) {
    const [ahead, after] = [until(step), forward(step).slice(until(step).length)]
    const forbid = twice('ForbidRefund', undoAgain(sequel))
    const closes = isClosed(sequel) ? ['CloseRound'] : []
    const again = sequel.by === 'late-undo' ? [...closes, `${stepOf(step).command} 2`] : []
    return [...askedOn(ahead, step, false), ...forbid, ...again, ...askedOn(after, step, false)]
  }
  if (goesBack(sequel)) return [...askedOn(until(step), step, false), ...askedBack(undo, sequel.undo)]
  return askedOn(forward(step), step, isTriedAgain(sequel), isClosed(sequel))
}

const endOf = (each: Case): Pick<Cell, 'outcome' | 'code'> => {
  const { step, failure, sequel } = each
  const { no } = stepOf(step)
  if (isTooLate(each) || !goesBack(sequel)) return { outcome: 'cancelled' }
  if (sequel.by === 'withdrawal') return { outcome: 'withdrawn' }
  if (failure !== 'refused' || no === undefined) return { outcome: 'compensated', code: 'turned-back-by-operator' }
  return { outcome: step === 'hold' ? 'refused' : 'compensated', code: no }
}

const attentionOf = ({ step, failure, sequel }: Case): Attention[] => {
  const { undo, skippable, undoSkippable } = stepOf(step)
  const skip = (may: boolean): Remedy[] => (may ? ['skip'] : [])
  const stepFails = (remedies: readonly Remedy[]): Attention => ({ reason: 'step-failed', remedies })
  const inDoubt = failure === 'channel-silent'
  const elsewhere: Remedy[] = step === 'refund' ? ['refund-elsewhere'] : []
  const back: Remedy[] = undo === undefined ? [] : ['undo']
  const first = stepFails(['retry', ...skip(skippable), ...elsewhere, ...back])
  const undoFails = goesBack(sequel) && sequel.undo.startsWith('fails-then')
  return [
    ...(isTechnical(failure) && !inDoubt ? [first] : []),
    ...(inDoubt ? [{ reason: 'refund-in-doubt', remedies: ['retry', 'skip'] } as const] : []),
    ...(sequel.by === 'late-undo' ? [stepFails(['retry', 'skip', 'refund-elsewhere'])] : []),
    ...(undoFails ? [{ reason: 'undo-failed', remedies: ['retry', ...skip(undoSkippable)] } as const] : []),
  ]
}

const storyOf = (each: Case): string[] => {
  const { step, failure, sequel } = each
  const { outcome, code } = endOf(each)
  // An undo that was refused leaves the step parked as it was: that is no news.
  const alarms = attentionOf(each).slice(sequel.by === 'late-undo' ? 1 : 0)
  const told = (event: string) => alarms.map(() => event)
  // A refund that is to be undone waits for payment's word, which may need a person itself.
  const parks =
    step === 'refund'
      ? [...told('needs-attention'), ...told('resumed')]
      : alarms.flatMap(() => ['needs-attention', 'resumed'])
  const held = !(step === 'hold' && failure !== 'done' && goesBack(sequel))
  const [parksFirst, parksLater] = step === 'hold' && sequel.by === 'retry' ? [parks, []] : [[], parks]
  const end =
    outcome === 'cancelled' ? 'completed cancelled' : [outcome, code].filter((part) => part !== undefined).join(' ')
  const late = isTooLate(each) && sequel.by !== 'late-undo'
  const rejected = 'input-rejected too-late'
  return [
    ...parksFirst,
    ...(held ? ['started'] : []),
    ...parksLater,
    ...(step === 'pause' && !goesBack(sequel) ? ['awaiting-merchant', 'decided approve'] : []),
    // Who is late by the end of all hears so after it.
    ...(step === 'close' && failure === 'done' && late ? [end, rejected] : late ? [rejected, end] : [end]),
  ]
}

/** What an operator's `skip` leaves as it was, besides what the road comes to by itself. */
const skipped: Partial<Record<StepName, Partial<Facts>>> = {
  stop: { parcel: 'as-sent' },
  stock: { stock: 'reserved' },
  refund: { refunded: 0, atTheBank: 0 },
  return: { stock: 'aside' },
  release: { parcel: 'as-sent' },
}

/** What an undo that was skipped leaves behind, of a step that was done. */
const left: Partial<Record<StepName, Partial<Facts>>> = {
  stop: { parcel: 'label-voided' },
  stock: { stock: 'aside' },
}

/** What was skipped in doubt, the ledger learns of all the same: the channel is watched. */
const watched = ({ failure, sequel }: Case): Partial<Facts> =>
  failure === 'channel-silent' && sequel.by === 'skip' ? { refunded: amount, atTheBank: amount } : {}

const factsOf = (each: Case): Facts => {
  const { step, failure, sequel } = each
  if (isTooLate(each) || !goesBack(sequel))
    return { ...complete, ...(sequel.by === 'skip' ? skipped[step] : {}), ...watched(each) }
  if (step === 'stock' && failure === 'refused') return { ...asBefore, stock: '' }
  return { ...asBefore, ...(sequel.undo === 'fails-then-skip' && failure === 'done' ? left[step] : {}) }
}

const cellOf = (each: Case): Cell => ({
  ...each,
  ...endOf(each),
  asked: askedOf(each),
  story: storyOf(each),
  attention: attentionOf(each),
  facts: factsOf(each),
})

const isFailure = (name: string): name is Failure => Object.hasOwn(failures, name)

export const cells: readonly Cell[] = stepNames.flatMap((step) =>
  Object.keys(failures)
    .filter(isFailure)
    .flatMap((failure) => sequelsOf(step, failure).map((sequel) => cellOf({ step, failure, sequel }))),
)
