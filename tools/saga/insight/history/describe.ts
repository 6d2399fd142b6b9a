import { colours } from '../../../terminal/colours.ts'
import type { ReadExport } from './read-export.ts'
import type { Tried } from './try.ts'

const shownRows = 50

/** What was read, and each row that was not. */
export const describeImport = ({ orders, events, wrong, leftOut }: ReadExport, written: string | undefined): string => {
  const cancels = events.filter(({ kind }) => kind === 'cancelled').length
  const rest = wrong.length - shownRows
  return [
    ...wrong.slice(0, shownRows).map(({ line, reason }) => `${colours.red('✗')} line ${line}: ${reason}`),
    ...(rest > 0 ? [`  and ${rest} more: --json lists all`] : []),
    `${orders} orders, ${cancels} cancellations; ${wrong.length} wrong rows, for which ${leftOut.length} orders are left out`,
    written === undefined ? 'nothing is written' : `written to ${written}`,
  ].join('\n')
}

const three = (value: number): string => value.toFixed(3)

/** Whether a model is worth it on an owner's history. */
export const describeTried = (tried: Tried): string => {
  const { learnt, asked, cancelled, auc, averagePrecision, gain, calibrationError } = tried
  return [
    `learnt from ${learnt} orders, asked about the ${asked} after them, of which ${cancelled} were cancelled`,
    `AUC                ${three(auc.model)}, own past rate ${three(auc.ownRate)}`,
    `average precision  ${three(averagePrecision.model)}, own past rate ${three(averagePrecision.ownRate)}: ` +
      `${three(gain.value)} more (95 %: ${three(gain.low)} to ${three(gain.high)})`,
    `calibration error  ${three(calibrationError)}`,
    tried.isWorthIt
      ? `${colours.green('✓')} risk: a model knows more than the own past rate`
      : `${colours.red('✗')} risk: no gain shown over the own past rate; use that`,
    `${colours.red('✗')} review: stays off: ${tried.review}`,
  ].join('\n')
}
