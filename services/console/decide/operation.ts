import type { EventData, OperationAnswer, OperationWanted } from '@countermand/contracts'
import { asId } from '@countermand/contracts/text.ts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import type { Case, Deed, DoneDeed, Operation, Stake, Who } from '../state.ts'
import { nothingHeard } from './follow.ts'

/** What an operator asks for: looked at first, then done as it was seen; by two where it is dangerous and much is at stake. Nothing here is carried out: it is asked of operations. */

/** Where a deed begins to need a second person, in minor units by currency; `undefined`: nowhere. */
export type SecondPersonFrom = ReadonlyMap<string, number> | undefined

/** `again`: it was done before. `stale`: whoever does it has to sign in again. `own`: nobody approves what is their own. `gone`: somebody was first. `nothing`: nothing of it is possible. */
export type Moved = 'done' | 'again' | 'stale' | 'own' | 'gone' | 'nothing'

export interface MadeOperation {
  readonly decision: Decision<Case>
  readonly value: Moved
}

const turned = (value: Exclude<Moved, 'done'>): MadeOperation => ({ decision: {}, value })

/** For so long after a sign-in a dangerous deed may be done, in ms. */
const freshMs = 5 * 60_000
/** A provider's clock may be ahead by so much, in ms. */
const aheadMs = 60_000

/** Whether somebody has proved who they are within the last five minutes. `authenticatedAt`: ISO 8601. */
export const hasJustProved = (authenticatedAt: string | undefined, now: number): boolean => {
  const age = authenticatedAt === undefined ? Number.NaN : now - Date.parse(authenticatedAt)
  return age >= -aheadMs && age <= freshMs
}

/** It changes nothing. */
export const isLook = ({ kind }: OperationWanted): boolean => kind.startsWith('look-')

/** What is asked beforehand: without an answer to that it is not sent. */
export const isPlanned = ({ kind }: OperationWanted): boolean =>
  kind === 'retry' || kind === 'resolve' || kind === 'redrive'

const sagasIn = (wanted: OperationWanted) => ('sagas' in wanted ? wanted.sagas : [])

/** Whether a wrong one costs somebody their money, or many people something: whoever does it has signed in just now. */
export const isDangerous = (wanted: OperationWanted): boolean => {
  if (wanted.kind === 'redrive') return wanted.value !== undefined
  if (wanted.kind === 'resolve' && (wanted.decision === 'refund-elsewhere' || wanted.decision === 'skip')) return true
  return sagasIn(wanted).length > 1
}

/** Sums by currency; what nobody knows is `unknown`. */
export const stakeOf = (
  all: readonly { readonly amount?: number | undefined; readonly currency?: string | undefined }[],
): Stake => {
  const sums = new Map<string, number>()
  for (const { amount, currency } of all)
    if (amount !== undefined && currency !== undefined) sums.set(currency, (sums.get(currency) ?? 0) + amount)
  return {
    sums: [...sums].map(([currency, amount]) => ({ amount, currency })),
    unknown: all.length === 0 || all.some(({ amount, currency }) => amount === undefined || currency === undefined),
  }
}

/** Of these deeds what one person has moved alone, dangerously. */
export const movedAlone = (all: readonly Pick<Operation, 'wanted' | 'stake' | 'second'>[]): Stake =>
  stakeOf(all.flatMap(({ wanted, stake, second }) => (second === undefined && isDangerous(wanted) ? stake.sums : [])))

/**
 * What cannot be counted, and a currency that no limit names, count as much. `before`: what the same person has moved alone within a day,
 * which counts with it: a large deed is no smaller in parts.
 */
export const needsSecond = (
  { wanted, stake }: Pick<Operation, 'wanted' | 'stake'>,
  from: SecondPersonFrom,
  before: Pick<Stake, 'sums'> = { sums: [] },
): boolean => {
  if (from === undefined || !isDangerous(wanted)) return false
  const movedBefore = new Map(before.sums.map(({ amount, currency }) => [currency, amount]))
  return (
    stake.unknown ||
    stake.sums.some(({ amount, currency }) => amount + (movedBefore.get(currency) ?? 0) >= (from.get(currency) ?? 0))
  )
}

const request = (
  operation: Operation,
  at: Moment,
  more: Partial<EventData<'operation.requested.v1'>> & Pick<EventData<'operation.requested.v1'>, 'dryRun'>,
) => {
  const { operationId, wanted, author, reason, second } = operation
  return {
    type: 'operation.requested.v1' as const,
    data: {
      ...{ operationId, wanted, by: asId(author.name), at: at.now },
      ...(reason !== undefined && { reason }),
      ...(second !== undefined && { approvedBy: asId(second.name) }),
      ...more,
    },
    id: [more.dryRun ? 'would' : 'deed'],
  }
}

/** What is possible of what was wanted, as it was shown; `undefined`: nothing is. */
export const asShown = (wanted: OperationWanted, plan: OperationAnswer | undefined): OperationWanted | undefined => {
  if (wanted.kind === 'redrive') return plan?.kind === 'handled' && plan.result === 'would' ? wanted : undefined
  if (wanted.kind !== 'retry' && wanted.kind !== 'resolve') return wanted
  if (plan?.kind !== 'sagas') return undefined
  const sagas = plan.sagas
    .filter(({ result }) => result === 'would')
    .map(({ orderId, requestId, parked }) => ({
      ...{ orderId, requestId },
      ...(parked && { parked: { step: parked.step, direction: parked.direction, round: parked.round } }),
    }))
  return sagas.length === 0 ? undefined : { ...wanted, sagas }
}

const deedOf = (wanted: OperationWanted): Deed['deed'] => {
  switch (wanted.kind) {
    case 'resolve':
      return wanted.decision
    case 'retry':
    case 'pause-intake':
    case 'resume-intake':
    case 'redrive':
    case 'discard':
      return wanted.kind
    default:
      throw new Error(`expected a deed, got ${wanted.kind}`)
  }
}

/** One for each saga that it is about, so that each order's file has it. */
const deedsOf = (
  { operationId, wanted }: Operation,
  who: Who,
  came: string,
  more: { readonly deed?: Deed['deed']; readonly detail?: string | undefined } = {},
): DoneDeed[] => {
  const deed = { ...who, deed: more.deed ?? deedOf(wanted), batch: operationId, detail: more.detail, came }
  const sagas = sagasIn(wanted)
  if (sagas.length > 0) return sagas.map(({ orderId, requestId }) => ({ ...deed, orderId, requestId }))
  const letterId = 'letterId' in wanted ? wanted.letterId : undefined
  return [{ ...deed, ...(letterId !== undefined && { detail: [letterId, more.detail].filter(Boolean).join(': ') }) }]
}

const moved = (
  known: Case | undefined,
  operation: Operation,
  deeds: readonly DoneDeed[],
  publish: Decision<Case>['publish'] = [],
): MadeOperation => {
  const before = known ?? nothingHeard
  const state = { ...before, operation, deeds: [...(before.deeds ?? []), ...deeds] }
  return { decision: { state, publish }, value: 'done' }
}

/** Begins: what would be done is asked for. What needs no look is sent at once. */
export const begin =
  (operation: Operation) =>
  (known: Case | undefined, at: Moment): MadeOperation => {
    if (known?.operation !== undefined) return turned('again')
    if (isLook(operation.wanted) || isPlanned(operation.wanted))
      return moved(known, { ...operation, state: 'looking' }, [], [request(operation, at, { dryRun: true })])
    const sent: Operation = { ...operation, state: 'sent', sentAt: at.now }
    const deeds = deedsOf(sent, sent.author, 'sent', { detail: sent.reason })
    return moved(known, sent, deeds, [request(sent, at, { dryRun: false })])
  }

export interface Mover {
  readonly who: Who
  /** Whether they have signed in just now. */
  readonly isFresh: boolean
}

/** Its author has seen what would be done, and says why it is wanted: it is sent, or proposed to a second person. `before`: what they have moved alone within a day. */
export const send =
  (reason: string, { who, isFresh }: Mover, from: SecondPersonFrom, before?: Pick<Stake, 'sums'>) =>
  (known: Case | undefined, at: Moment): MadeOperation => {
    const found = known?.operation
    if (found === undefined || found.author.subject !== who.subject) return turned('gone')
    if (found.state !== 'looking') return turned('again')
    const wanted = asShown(found.wanted, found.plan)
    if (wanted === undefined || isLook(wanted)) return turned('nothing')
    if (isDangerous(wanted) && !isFresh) return turned('stale')
    const ready: Operation = { ...found, wanted, reason }
    if (needsSecond(ready, from, before))
      return moved(
        known,
        { ...ready, state: 'proposed', proposedAt: at.now },
        deedsOf(ready, who, 'proposed', { detail: reason }),
      )
    const sent: Operation = { ...ready, state: 'sent', sentAt: at.now }
    return moved(known, sent, deedsOf(sent, who, 'sent', { detail: reason }), [request(sent, at, { dryRun: false })])
  }

/** A second person has looked at it too: it is sent. */
export const approve =
  ({ who, isFresh }: Mover) =>
  (known: Case | undefined, at: Moment): MadeOperation => {
    const found = known?.operation
    if (found?.state !== 'proposed') return turned('gone')
    if (found.author.subject === who.subject) return turned('own')
    if (!isFresh) return turned('stale')
    const sent: Operation = { ...found, state: 'sent', second: who, sentAt: at.now }
    const deeds = [
      ...deedsOf(sent, who, 'done', { deed: 'second' }),
      ...deedsOf(sent, found.author, 'sent', { detail: found.reason }),
    ]
    return moved(known, sent, deeds, [request(sent, at, { dryRun: false })])
  }

/** Its author, or whoever was asked to approve it, lets it be. */
export const drop =
  (who: Who) =>
  (known: Case | undefined): MadeOperation => {
    const found = known?.operation
    if (found?.state !== 'proposed') return turned('gone')
    return moved(known, { ...found, state: 'dropped', second: who }, deedsOf(found, who, 'dropped'))
  }
