import { shellCommand } from '@countermand/contracts/shown.ts'
import type { Running, Standing } from './standing.ts'

/** `confirming, waits for …`, or with what needs attention. */
export const standingInWords = ({ stage, waitingFor, attention }: Running): string => {
  if (attention !== undefined) return `${stage}, needs attention (${attention.reason}): ${attention.error}`
  return waitingFor === undefined ? stage : `${stage}, waits for ${waitingFor}`
}

const hasEnded = ({ outcome, code }: Extract<Standing, { readonly is: 'ended' }>): string =>
  `has ended: ${outcome}${code === null ? '' : ` (${code})`}`

/** The saga that can be told something. Throws why it cannot, and what can be done instead. */
const running = (requestId: string, standing: Standing, wanted: string): Running => {
  switch (standing.is) {
    case 'running':
      return standing
    case 'ended':
      throw new Error(
        `expected ${wanted}, ${requestId} ${hasEnded(standing)}; see ${shellCommand('saga show', requestId)}`,
      )
    case 'without-run':
      throw new Error(
        `expected ${wanted}, the run of ${requestId} is ${standing.state}: ${shellCommand('saga retry', requestId)} starts it again`,
      )
    case 'failing':
      throw new Error(
        `expected ${wanted}, the code fails ${requestId} (attempt ${standing.attempt}): ${shellCommand('saga show', requestId)} says what to do`,
      )
  }
}

/** Throws, with what to do, unless the merchant's decision is waited for. */
export const checkDecide = (requestId: string, standing: Standing): Running => {
  const saga = running(requestId, standing, 'a request that waits for its merchant')
  if (saga.gate === 'decided')
    throw new Error(
      `expected a request that waits for its merchant, ${requestId} was decided already; saga cancel turns it back while no money has moved`,
    )
  if (saga.gate === 'not-asked')
    throw new Error(
      `expected a request that waits for its merchant, ${requestId} is ${standingInWords(saga)}; saga list --stage confirming finds those that wait`,
    )
  return saga
}

/** Throws, with what to do, unless the saga may still turn back: `what` names who wants it. */
export const checkTurn = (requestId: string, standing: Standing, what: string): Running => {
  const saga = running(requestId, standing, `a request that can be ${what}`)
  if (saga.stage === 'undoing')
    throw new Error(`expected a request that can be ${what}, ${requestId} is on its way back already`)
  if (saga.moneyMoved)
    throw new Error(
      `expected a request that can be ${what}, money of ${requestId} has moved: it goes on to its end (${standingInWords(saga)})`,
    )
  return saga
}
