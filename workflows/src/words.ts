import type { Remedy, TenderRefund } from '@countermand/contracts'
import { formatAmount } from '@countermand/contracts/money.ts'
import type { Parked, Saga } from './saga.ts'

/** `3351` of `EUR` → `33.51 EUR`; for people, never for sums. */
export const money = (amount: number, currency: string): string => {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return formatAmount(amount, currency, maximumFractionDigits ?? 2)
}

const refundLine = ({ channel, amount, currency, state, destination, expectedBy }: TenderRefund): string => {
  const where = destination === 'original' ? channel : `${channel} → ${destination}`
  return `- ${money(amount, currency)} ${where}: ${state}${expectedBy === undefined ? '' : `, expected by ${expectedBy}`}`
}

/** What an operator types to resolve a parked saga. */
export const resolveCommand = (requestId: string, decision: Remedy): string => {
  const to = decision === 'refund-elsewhere' ? ' --to <store-credit|bank-transfer>' : ''
  return `npm run saga -- resolve ${requestId} --decision ${decision}${to} --by <you> --reason <why>`
}

const parkedLines = (requestId: string, { attention, what }: Parked): string[] => [
  `**Needs attention** (${attention.reason}) since ${attention.since}`,
  `- stuck: ${what} (${attention.step}, ${attention.direction}, round ${attention.round})`,
  `- error: ${attention.error}`,
  '- resolve it with one of:',
  ...attention.remedies.map((remedy) => `  - \`${resolveCommand(requestId, remedy)}\``),
]

const turnLine = (saga: Saga): string[] => {
  if (saga.turning === undefined) return []
  const { outcome, code, stage, by } = saga.turning
  const why = [code, by === undefined ? undefined : `by ${by}`].filter((each) => each !== undefined).join(', ')
  return [`Turned back while ${stage}: **${outcome}**${why === '' ? '' : ` (${why})`}`]
}

/** A run's current details in the Temporal UI: where it is, what it waits for, what resolves it. Markdown. */
export const details = (saga: Saga): string =>
  [
    `**Stage: ${saga.stage}**${saga.ended?.outcome === undefined ? '' : ` · **${saga.ended.outcome}**`}`,
    ...saga.waits.map((wait) => `Waiting for ${wait.for} since ${wait.since}`),
    ...saga.parked.flatMap((each) => parkedLines(saga.requestId, each)),
    ...turnLine(saga),
    ...(saga.undone.length === 0 ? [] : ['Taken back:', ...saga.undone.map((each) => `- ${each}`)]),
    ...(saga.refunds.length === 0 ? [] : ['Refunds:', ...saga.refunds.map(refundLine)]),
  ].join('\n')
