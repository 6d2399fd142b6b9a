import { type EventData, type EventType, events, type SagaStage } from '@countermand/contracts'
import type { Cancellation, Refund, Told, ToldType } from '../state.ts'

/** What a request has come to, by all that was told of it: the same, in whichever order that was heard. */

/** Of one moment, in the order of a request's life. */
const ranks: Readonly<Record<ToldType, number>> = {
  'order.cancel.requested.v1': 0,
  'order.cancellation.started.v1': 1,
  'order.cancellation.awaiting-merchant.v1': 2,
  'order.cancel.decided.v1': 3,
  'order.cancel.withdrawn.v1': 3,
  'order.cancellation.input-rejected.v1': 4,
  'order.cancellation.decided.v1': 5,
  'refund.submitted.v1': 6,
  'refund.action-required.v1': 7,
  'refund.pending.v1': 8,
  'refund.succeeded.v1': 9,
  'refund.failed.v1': 10,
  'refund.reversed.v1': 11,
  'order.cancellation.needs-attention.v1': 12,
  'order.cancellation.resumed.v1': 13,
  'order.cancellation.completed.v1': 14,
  'order.cancellation.refused.v1': 14,
  'order.cancellation.withdrawn.v1': 14,
  'order.cancellation.compensated.v1': 14,
}

const byTime = (one: Told, other: Told): number =>
  Date.parse(one.at) - Date.parse(other.at) || ranks[one.type] - ranks[other.type] || (one.key < other.key ? -1 : 1)

type Read = <Type extends ToldType>(...types: readonly Type[]) => EventData<Type>[]

/** Reads what was told by its type, the oldest first. */
const reading = (all: readonly Told[]): Read => {
  const sorted = all.toSorted(byTime)
  const dataOf = <Type extends EventType>(type: Type, data: object): EventData<Type> => {
    // The contract of this very type reads it; the compiler cannot pair a type with its schema.
    return events[type].data.parse(data) as EventData<Type>
  }
  return (...types) =>
    sorted.flatMap(({ type, data }) => {
      const found = types.find((each) => each === type)
      return found === undefined ? [] : [dataOf(found, data)]
    })
}

const refundsIn = (read: Read): Refund[] => {
  const refunds = read(
    ...(['refund.submitted.v1', 'refund.action-required.v1', 'refund.pending.v1'] as const),
    ...(['refund.succeeded.v1', 'refund.failed.v1', 'refund.reversed.v1'] as const),
  )
  const latest = new Map<string, (typeof refunds)[number]>()
  for (const each of refunds) {
    // Whoever tells that it is there need not say again when it was expected.
    const expectedBy = each.expectedBy ?? latest.get(each.refundId)?.expectedBy
    latest.set(each.refundId, { ...each, ...(expectedBy !== undefined && { expectedBy }) })
  }
  const moving = new Set([...latest.values()].flatMap(({ state, tenderId }) => (state === 'failed' ? [] : [tenderId])))
  // What failed and was sent elsewhere is told by what it was sent by.
  const told = [...latest.values()].filter(({ state, tenderId }) => state !== 'failed' || !moving.has(tenderId))
  const known = new Set(told.map(({ tenderId }) => tenderId))
  const atEnd = read('order.cancellation.completed.v1')
    .slice(-1)
    .flatMap(({ refunds, at }) =>
      refunds.filter(({ tenderId }) => !known.has(tenderId)).map((each) => ({ ...each, at })),
    )
  return [...told, ...atEnd]
    .map(({ tenderId, channel, amount, currency, state, destination, expectedBy, at }) => ({
      ...{ tenderId, channel, amount, currency, state, destination, at },
      ...(expectedBy !== undefined && { expectedBy }),
    }))
    .toSorted((one, other) => (one.tenderId < other.tenderId ? -1 : one.tenderId > other.tenderId ? 1 : 0))
}

/** What needs attention and was not told to be over; the oldest of it. */
const attentionIn = (read: Read) => {
  const nameOf = ({ reason, since }: { readonly reason: string; readonly since: string }) => `${reason} ${since}`
  const over = new Set(read('order.cancellation.resumed.v1').map(({ attention }) => nameOf(attention)))
  const open = read('order.cancellation.needs-attention.v1').filter(({ attention }) => !over.has(nameOf(attention)))
  return open[0] && { ...open[0].attention, stage: open[0].stage, at: open[0].at }
}

const endIn = (read: Read) =>
  read(
    ...(['order.cancellation.completed.v1', 'order.cancellation.refused.v1'] as const),
    ...(['order.cancellation.withdrawn.v1', 'order.cancellation.compensated.v1'] as const),
  ).at(-1)

const stageOf = (refunds: readonly Refund[], decided: boolean, awaiting: boolean, started: boolean): SagaStage => {
  if (refunds.length > 0) return 'refunding'
  if (awaiting || decided) return 'confirming'
  return started ? 'verifying' : 'requested'
}

const awaitingIn = (read: Read) => {
  const asked = read('order.cancellation.awaiting-merchant.v1').at(-1)
  return asked && { decideBy: asked.decideBy, onSilence: asked.onSilence }
}

const decidedIn = (read: Read) => {
  const decided = read('order.cancellation.decided.v1').at(-1)
  if (decided === undefined) return undefined
  const { decision, by, message, at } = decided
  return { decision, by, at, ...(message !== undefined && { message }) }
}

const storyTypes = [
  ...(['order.cancellation.started.v1', 'order.cancellation.awaiting-merchant.v1'] as const),
  ...(['order.cancellation.decided.v1', 'order.cancellation.needs-attention.v1'] as const),
  ...(['order.cancellation.resumed.v1', 'order.cancellation.completed.v1'] as const),
  ...(['order.cancellation.refused.v1', 'order.cancellation.withdrawn.v1'] as const),
  'order.cancellation.compensated.v1',
] as const

/** Order facts: of the newest word that has them. */
const factsIn = (read: Read) => {
  const facts: Partial<Pick<Cancellation, 'merchantId' | 'customerId' | 'amount' | 'currency' | 'lines'>> = {}
  for (const { merchantId, customerId, amount, currency, lines } of read(...storyTypes))
    Object.assign(facts, {
      ...(merchantId !== undefined && { merchantId }),
      ...(customerId !== undefined && { customerId }),
      ...(amount !== undefined && { amount }),
      ...(currency !== undefined && { currency }),
      ...(lines !== undefined && { lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })) }),
    })
  return facts
}

const endingOf = (end: ReturnType<typeof endIn>) =>
  end && {
    ...{ endedAt: end.at, outcome: end.outcome },
    ...('code' in end && end.code !== undefined && { code: end.code }),
    ...('message' in end && end.message !== undefined && { message: end.message }),
  }

/** `undefined`: only something was heard that is about no request that anybody knows. */
export const cancellationOf = (orderId: string, requestId: string, all: readonly Told[]): Cancellation | undefined => {
  const read = reading(all)
  const asked = read('order.cancel.requested.v1').at(0)
  const first = asked ?? read(...storyTypes).at(0)
  if (first === undefined) return undefined
  const started = read('order.cancellation.started.v1').at(0)
  const end = endIn(read)
  const refunds = refundsIn(read)
  const [awaiting, decided, attention] = [awaitingIn(read), decidedIn(read), attentionIn(read)]
  const open = end === undefined && decided === undefined ? awaiting : undefined
  return {
    ...{ requestId, orderId, initiator: first.initiator, reason: first.reason },
    // Of some items; the services say it again, and of how many.
    ...(asked?.lines !== undefined && {
      lines: asked.lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
    }),
    ...factsIn(read),
    askedAt: 'requestedAt' in first ? first.requestedAt : first.at,
    ...(started !== undefined && { startedAt: started.at }),
    stage:
      end?.stage ??
      attention?.stage ??
      stageOf(refunds, decided !== undefined, awaiting !== undefined, started !== undefined),
    ...endingOf(end),
    ...(open !== undefined && { awaiting: open }),
    ...(decided !== undefined && { decided }),
    ...(attention !== undefined && { attention: { reason: attention.reason, since: attention.since } }),
    refunds,
    rejected: read('order.cancellation.input-rejected.v1').map(({ input, code, at }) => ({ input, code, at })),
  }
}
