import type { Answer, AnswerName, Remedy, Resolution, TenderRefund } from '@countermand/contracts'
import { formatAmount } from '@countermand/contracts/money.ts'
import type { Parked, Saga } from './saga.ts'

/** `3351` of `EUR` → `33.51 EUR`; for people, never for sums. */
export const money = (amount: number, currency: string): string => {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return formatAmount(amount, currency, maximumFractionDigits ?? 2)
}

/** `2026-11-20T10:02:00.000Z` → `2026-11-20 10:02 UTC`; for people. What is no time stays as it is: words never stop a saga. */
export const moment = (iso: string): string => {
  const time = new Date(iso)
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

const doneWords: Partial<Record<AnswerName, string>> = {
  CancellationBegun: 'order on hold',
  FulfilmentPaused: 'parcels kept back',
  NothingToStop: 'no parcel to stop',
  LabelVoided: 'parcel stopped (label voided)',
  ShipmentIntercepted: 'parcel stopped (turned round)',
  StockSetAside: 'stock set aside',
  RefundSettled: 'money refunded',
  StockOnSale: 'stock on sale again',
  AwaitingParcel: 'stock waits for its parcel',
  OrderCancelled: 'order cancelled',
  LinesCancelled: 'lines cancelled',
}

/** What an answer says was done; `undefined`: nothing that is not told otherwise. */
export const doneBy = ({ type }: Answer): string | undefined => doneWords[type]

const whereTo = ({ channel, destination }: TenderRefund): string =>
  destination === 'original' ? channel : `${channel} → ${destination}`

/** What a step waits for that was taken on, e.g. `the refund of 33.51 EUR to sandbox-card`. */
export const awaited = (
  { summary }: { readonly summary: string },
  { tenders = [], message }: Answer<'StepPending'>,
): string => {
  const open = tenders.filter(({ state }) => state === 'pending' || state === 'action-required')
  if (open.length === 0) return `the answer to "${summary}"${message === undefined ? '' : `: ${message}`}`
  const refunds = open.map((tender) => `of ${money(tender.amount, tender.currency)} to ${whereTo(tender)}`)
  return `the refund ${refunds.join(' and ')}`
}

const refundLine = (tender: TenderRefund): string => {
  const expected = tender.expectedBy === undefined ? '' : `, expected by ${moment(tender.expectedBy)}`
  return `- ${money(tender.amount, tender.currency)} ${whereTo(tender)}: ${tender.state}${expected}`
}

/** What an operator types to resolve a parked saga. */
export const resolveCommand = (requestId: string, decision: Remedy): string => {
  const to = decision === 'refund-elsewhere' ? ' --to <store-credit|bank-transfer>' : ''
  return `npm run saga -- resolve ${requestId} --decision ${decision}${to} --by <you> --reason <why>`
}

const parkedLines = (requestId: string, { attention, what }: Parked): string[] => [
  `**Needs attention** (${attention.reason}) since ${moment(attention.since)}`,
  `- stuck: ${what} (${attention.step}, ${attention.direction}, round ${attention.round})`,
  `- error: ${attention.error}`,
  '- resolve it with one of:',
  ...attention.remedies.map((remedy) => `  - \`${resolveCommand(requestId, remedy)}\``),
]

const turnLine = ({ turning }: Saga): string[] => {
  if (turning === undefined) return []
  const { outcome, code, stage, by, message } = turning
  const why = [code, by === undefined ? undefined : `by ${by}`, message].filter((each) => each !== undefined).join(', ')
  return [`Turned back while ${stage}: **${outcome}**${why === '' ? '' : ` (${why})`}`]
}

const decisionLine = ({ step, direction, decision, to, by, reason }: Resolution): string =>
  `- ${decision}${to === undefined ? '' : ` to ${to}`} (${step}, ${direction}) by ${by}: ${reason}`

const list = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...lines])

/** A run's current details in the Temporal UI: where it is, what it waits for, what resolves it. Markdown. */
export const details = (saga: Saga): string =>
  [
    `**Stage: ${saga.stage}**${saga.ended?.outcome === undefined ? '' : ` · **${saga.ended.outcome}**`}`,
    ...(saga.done.length === 0 ? [] : [`Done: ${saga.done.join('; ')}`]),
    ...saga.waits.map((wait) => `Waiting for ${wait.for} since ${moment(wait.since)}`),
    ...saga.parked.flatMap((each) => parkedLines(saga.requestId, each)),
    ...turnLine(saga),
    ...list(
      'Taken back:',
      saga.undone.map((each) => `- ${each}`),
    ),
    ...list('Refunds:', saga.refunds.map(refundLine)),
    ...list('Decisions:', saga.resolutions.map(decisionLine)),
  ].join('\n')
