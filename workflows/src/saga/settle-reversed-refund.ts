import type { Answer, RefundState, Resolution } from '@countermand/contracts'
import { CancellationScope, setHandler, sleep } from '@temporalio/workflow'
import type { Call, OwnData } from '../protocol/commands.ts'
import type { SagaResult } from '../protocol/inputs.ts'
import { caseOf, type Reversal, reversedSignal } from '../protocol/reversal.ts'
import { money } from '../protocol/words.ts'
import { cancellationEnds, readCancellation, roundsOpened } from './run/after-the-end.ts'
import { ask } from './run/ask.ts'
import { park, type Trouble, troubleWith } from './run/attention.ts'
import { closeRound } from './run/close-round.ts'
import { at } from './run/decided.ts'
import { close, listenToOperators } from './run/listen.ts'
import { happensAgain, isByNews, mayBeOver } from './run/news.ts'
import { perform } from './run/perform.ts'
import { isReadable, unreadableStart } from './run/readable.ts'
import { record } from './run/records.ts'
import { openSaga, roundsAreClosed, type Saga } from './run/saga.ts'
import { enter, waitFor } from './run/show.ts'
import { asks, nothing } from './run/step.ts'

/**
 * A refund that was reversed after it had succeeded is brought to a good end: where policy says so by itself, else by a
 * person's decision. So is one that failed after a person had closed the cancellation's refund, or that succeeded though they gave
 * its money by hand: there always a person decides. The cancellation stays as it is. Payment is asked in a round of the request's refund that is about this one
 * tender, opened by the recorded decision; its idempotency keys see to it that nothing is paid twice.
 */
export async function settleReversedRefund(first: Reversal): Promise<SagaResult> {
  const unreadable = unreadableStart('settleReversedRefund', first)
  if (unreadable !== undefined) return unreadable
  const saga = openSaga(first)
  const toSettle = new Map([[caseOf(first), first]])
  saga.moneyMoved = true
  listenToOperators(saga)
  setHandler(reversedSignal, (next) => {
    if (!isReadable(saga, 'reversed', next)) return
    if (next.what === 'twice') happensAgain(saga)
    toSettle.set(caseOf(next), next)
  })
  // Money is owed: Temporal's Cancel does not change that.
  return CancellationScope.nonCancellable(async () => {
    enter(saga, 'refunding')
    // A map's loop also meets what is added to it meanwhile.
    for (const reversal of toSettle.values()) await settle(saga, reversal)
    return close(saga, { stage: 'closed', refunds: saga.refunds })
  })
}

type Promised = NonNullable<Answer<'CancellationRead'>['refund']>

const hour = 3_600_000

const sought = 'what is to be refunded'

const opensRefund = ({ step, direction, decision }: Resolution): boolean =>
  ((step === 'refund' && direction === 'do') || step.startsWith('reversed.') || step.startsWith('failed.')) &&
  (decision === 'retry' || decision === 'refund-elsewhere')

const stateOf = { reversed: 'reversed', failed: 'failed', twice: 'succeeded' } as const satisfies Record<
  NonNullable<Reversal['what']>,
  RefundState
>

/** What a person said last of the money of a tender: whether they gave it by hand. */
const isByHand = ({ resolutions }: Saga, { tenderId }: Reversal): boolean =>
  (resolutions.flatMap(({ settled = [] }) => settled).findLast((each) => each.tenderId === tenderId)?.amount ?? 0) > 0

const whereTheMoneyIs = asks('ForbidRefund', ({ orderId }) => `Ask where the money of ${orderId} is`, nothing)

/** Whether the tender still is as it was told: another run, or a round of the cancellation's, may have refunded it again. */
const isStill = async (saga: Saga, reversal: Reversal): Promise<boolean> => {
  const { tenderId, what = 'reversed' } = reversal
  if (what !== 'twice' && isByHand(saga, reversal)) return false
  const answer = await perform(saga, whereTheMoneyIs)
  if (answer.type !== 'MoneyMoved') return false
  return answer.tenders.some((tender) => tender.tenderId === tenderId && tender.state === stateOf[what])
}

const because = ({ failure }: Reversal): string => (failure === undefined ? '' : `: ${failure}`)

const reversedTrouble = (reversal: Reversal): Trouble => ({
  reason: 'refund-reversed',
  error: `the refund of tender ${reversal.tenderId} was reversed by ${reversal.channel}${because(reversal)}`,
  moneyInDoubt: false,
})

const failedTrouble = (reversal: Reversal): Trouble => ({
  reason: 'refund-refused-after-pivot',
  error: `the refund of tender ${reversal.tenderId} was refused by ${reversal.channel} after it was closed${because(reversal)}`,
  moneyInDoubt: false,
})

/** To skip it says that what was given by hand is back, or given up: by hand nothing was given then. */
const twiceTrouble = ({ channel, tenderId }: Reversal): Trouble => ({
  reason: 'refunded-twice',
  error: `tender ${tenderId} counts as given back by hand, and ${channel} has refunded it too: if so, the customer has the money twice`,
  moneyInDoubt: true,
  remedies: ['skip'],
  about: mayBeOver,
  settles: [{ tenderId, amount: 0 }],
})

const troubleOf = (reversal: Reversal): Trouble => {
  if (reversal.what === 'twice') return twiceTrouble(reversal)
  return reversal.what === 'failed' ? failedTrouble(reversal) : reversedTrouble(reversal)
}

type Destination = Pick<OwnData<'RefundOrder'>, 'elsewhere' | 'chosen'>

const refundAgain = (
  reversal: Reversal,
  promised: Promised,
  { elsewhere, chosen }: Destination,
): Call<'RefundOrder'> => ({
  command: 'RefundOrder',
  summary: `Refund ${money(reversal.amount, reversal.currency)} again${elsewhere === undefined ? '' : `, to ${elsewhere}`}`,
  data: {
    ...promised,
    tenderId: reversal.tenderId,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(chosen === undefined ? {} : { chosen }),
  },
})

/** Where it goes: to the decision's own destination, or to one that was chosen in a round which payment may never have heard of. */
const destinationOf = (
  { resolutions }: Saga,
  reversal: Reversal,
  resolution: Resolution,
  roundOf: (each: Resolution) => number,
): Destination => {
  if (resolution.to !== undefined) return { elsewhere: resolution.to }
  const before = resolutions.findLast(
    ({ step, round, to }) => step === caseOf(reversal) && round < resolution.round && to !== undefined,
  )
  return before?.to === undefined ? {} : { chosen: { round: roundOf(before), to: before.to } }
}

/** Policy's decision, recorded like a person's. */
const byPolicy = async (saga: Saga, reversal: Reversal, to: 'store-credit' | 'bank-transfer'): Promise<Resolution> => {
  const resolution: Resolution = {
    ...{ step: caseOf(reversal), direction: 'do', round: 1, decision: 'refund-elsewhere', to },
    ...{ by: 'policy:refund-fallback', reason: reversedTrouble(reversal).error, at: new Date().toISOString() },
  }
  await record(saga, `resolved.${at(resolution)}.1`, { what: 'resolved', ...resolution })
  saga.resolutions = [...saga.resolutions, resolution]
  return resolution
}

/** What to do about trouble, the `time`-th decision about this reversal; one that an earlier run recorded is not asked for again. */
const decisionOn = (saga: Saga, reversal: Reversal, promised: Promised, trouble: Trouble, time: number) => {
  const named = { step: caseOf(reversal), round: time }
  const decided = saga.resolutions.find((each) => at(each) === at({ ...named, direction: 'do' }))
  if (decided !== undefined) return decided
  // Where a person has taken over, policy does nothing by itself any more.
  if (time === 1 && reversal.what === undefined && promised.fallback !== 'attention')
    return byPolicy(saga, reversal, promised.fallback)
  const usual = trouble.moneyInDoubt ? (['retry', 'skip'] as const) : (['retry', 'refund-elsewhere', 'skip'] as const)
  const { tenderId, amount } = reversal
  const { remedies = usual, settles = [{ tenderId, amount }] } = trouble
  return park(saga, refundAgain(reversal, promised, {}), { ...trouble, named, remedies, settles })
}

/** Refunds the tender again, as decided; gives back what needs another decision. */
const refund = async (
  saga: Saga,
  reversal: Reversal,
  promised: Promised,
  resolution: Resolution,
): Promise<Trouble | undefined> => {
  const roundOf = await roundsOpened(saga, sought, opensRefund)
  const round = roundOf(resolution)
  const call = refundAgain(reversal, promised, destinationOf(saga, reversal, resolution, roundOf))
  for (let waitMs = 60_000; ; waitMs = Math.min(2 * waitMs, hour)) {
    const answer = await ask(saga, call, round)
    const told = ('tenders' in answer ? answer.tenders : undefined) ?? []
    if (told.length > 0) saga.refunds = told
    const tender = told.find(({ tenderId }) => tenderId === reversal.tenderId)
    if (answer.type === 'RefundSettled' && tender?.state === 'succeeded') return undefined
    if (tender?.state === 'reversed') return reversedTrouble(reversal)
    const trouble = answer.type === 'RefundRefused' ? refused(answer) : troubleWith('RefundOrder', answer)
    if (trouble !== undefined) return trouble
    // The answer was of another tender's round.
    const over = waitFor(saga, call.summary)
    await sleep(waitMs)
    over()
  }
}

const refused = ({ message }: Answer<'RefundRefused'>): Trouble => ({
  reason: 'refund-refused-after-pivot',
  error: message,
  moneyInDoubt: false,
})

/** Payment is told which tender is settled by hand, so that nothing of it is refunded any more, by an old command neither. */
const tellSkip = async (saga: Saga, { tenderId }: Reversal, resolution: Resolution): Promise<void> => {
  if (!roundsAreClosed()) return
  const { resolutions } = await readCancellation(saga, sought)
  const round = 1 + resolutions.filter(opensRefund).length
  await closeRound(saga, resolution, { step: 'refund', direction: 'do', round }, { tenderId })
}

const settle = async (saga: Saga, reversal: Reversal): Promise<void> => {
  const promised = await cancellationEnds(saga, sought)
  if (promised === undefined || !(await isStill(saga, reversal))) return
  let trouble: Trouble | undefined = troubleOf(reversal)
  for (let time = 1; trouble !== undefined; time++) {
    const resolution = await decisionOn(saga, reversal, promised, trouble, time)
    // Where it came right by itself, payment was the first to know.
    if (resolution.decision === 'skip') return isByNews(resolution) ? undefined : tellSkip(saga, reversal, resolution)
    trouble = await refund(saga, reversal, promised, resolution)
  }
}
