import type { Answer, AnswerName, Resolution, TenderRefund } from '@countermand/contracts'
import { inCode } from '@countermand/contracts/shown.ts'
import { moment, money, plainly, resolveCommand } from '../../protocol/words.ts'
import type { Parked, Saga } from './saga.ts'

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
  LabelsReleased: 'labels given back',
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
  return `${money(tender.amount, tender.currency)} ${whereTo(tender)}: ${tender.state}${expected}`
}

/** Markdown needs an empty line around what is to stand by itself. */
const paragraphs = (parts: readonly (string | readonly string[])[]): string =>
  parts
    .flatMap((part) => (typeof part === 'string' ? [part] : part))
    .filter((part) => part !== '')
    .join('\n\n')

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
const titled = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, bullets(lines)]

const parkedPart = ({ requestId, parked }: Saga, { attention, what }: Parked): string[] => {
  const { reason, since, step, direction, round, error, remedies } = attention
  return [
    `**Needs attention** (${reason}) since ${moment(since)}: **${plainly(what)}** (${step}, ${direction}, round ${round})`,
    `Error: ${plainly(error)}`,
    ...titled(
      'Resolve it with one of:',
      remedies.map((remedy) => inCode(resolveCommand(requestId, remedy, parked.length > 1 ? step : undefined))),
    ),
  ]
}

const turnPart = ({ turning }: Saga): string => {
  if (turning === undefined) return ''
  const { outcome, code, stage, by, message } = turning
  const why = [code, by === undefined ? undefined : `by ${plainly(by)}`, message && plainly(message)]
    .filter((each) => each !== undefined)
    .join(', ')
  return `Turned back while ${stage}: **${outcome}**${why === '' ? '' : ` (${why})`}`
}

const decisionLine = ({ step, direction, decision, to, by, reason }: Resolution): string =>
  `${decision}${to === undefined ? '' : ` to ${to}`} (${step}, ${direction}) by ${plainly(by)}: ${plainly(reason)}`

/** A run's current details in the Temporal UI: what needs a person, where it is, what it waits for. Markdown. */
export const details = (saga: Saga): string =>
  paragraphs([
    saga.parked.flatMap((each) => parkedPart(saga, each)),
    `**Stage: ${saga.stage}**${saga.ended?.outcome === undefined ? '' : ` · **${saga.ended.outcome}**`}`,
    saga.done.length === 0 ? '' : `Done: ${plainly(saga.done.join('; '))}`,
    saga.waits.map((wait) => `Waiting for ${plainly(wait.for)} since ${moment(wait.since)}`),
    turnPart(saga),
    titled('Taken back:', saga.undone.map(plainly)),
    titled('Refunds:', saga.refunds.map(refundLine)),
    titled('Decisions:', saga.resolutions.map(decisionLine)),
  ])
