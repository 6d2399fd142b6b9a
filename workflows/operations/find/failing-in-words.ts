import { visibleLine } from '@countermand/contracts/shown.ts'
import type { Events } from '../../src/runs/go-on.ts'
import { attemptOf } from '../../src/runs/keeps-failing.ts'
import { failureOf } from '../history/history.ts'
import type { Description } from './describe-run.ts'

/** That a run's code fails, and by what, as far as its history (`events`) says it. */
export const failingInWords = (run: Description, events: Events | undefined): string => {
  const failure = events && failureOf({ events })
  const because = failure === undefined ? '' : `: ${visibleLine(failure)}`
  return `its workflow task keeps failing (attempt ${attemptOf(run)})${because}`
}
