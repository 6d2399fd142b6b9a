import type { CancelRequested } from '@countermand/contracts'
import { minorUnitDigits } from '@countermand/contracts/currencies.ts'
import { formatAmount } from '@countermand/contracts/money.ts'
import { inMarkdown, shellCommand } from '@countermand/contracts/shown.ts'
import { said } from '@countermand/contracts/text.ts'

/** Words for people that runs, the process and the command line say alike. */

/** `3351` of `EUR` → `33.51 EUR`; for people, never for sums. */
export const money = (amount: number, currency: string): string =>
  formatAmount(amount, currency, minorUnitDigits(currency))

/** `2026-11-20T10:02:00.000Z` → `2026-11-20 10:02 UTC`; for people. What is no time stays as it is: words never stop a saga. */
export const moment = (iso: string): string => {
  const time = new Date(iso)
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** What strangers said, on one line, as it is: no Markdown, no HTML, no commands to a terminal. */
export const plainly = (text: string): string => inMarkdown(text.replaceAll('\n', ' '))

/** A line about a run or an activity, in the 400 bytes that Temporal has for its payload. */
export const summarized = (text: string): string => said(text, 350)

/** Of 20,000 bytes that Temporal has for details. */
const mostOfLines = 16_000

/** A run's details that never change: who asked for what. */
export const askedFor = ({ initiator, requestedAt, lines, refundTo, retryOf }: CancelRequested): string => {
  const who = [initiator.kind, ...(initiator.id === undefined ? [] : [plainly(initiator.id)])].join(' ')
  const what =
    lines?.map(({ lineId, quantity }) => `${quantity} of line ${plainly(lineId)}`).join(', ') ?? 'the whole order'
  const again = retryOf === undefined ? '' : `, again after ${plainly(retryOf)}`
  return `Asked by ${who} at ${moment(requestedAt)}: ${said(what, mostOfLines)}, refund to ${refundTo}${again}`
}

/** What an operator types to resolve a parked saga. `step`: where several are parked. */
export const resolveCommand = (requestId: string, decision: string, step?: string): string => {
  const to = decision === 'refund-elsewhere' ? ' --to <store-credit|bank-transfer>' : ''
  const which = step === undefined ? '' : `--step ${step} `
  return shellCommand(
    'npm run saga -- resolve',
    requestId,
    `${which}--decision ${decision}${to}`,
    '--by <you> --reason <why>',
  )
}
