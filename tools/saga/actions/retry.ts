import { type FoundSaga, findSaga } from '@countermand/workflows/operations/find/find.ts'
import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import { carryOut, type Parts, planRetryOfMany } from '@countermand/workflows/operations/repair/carry-out.ts'
import { planRetry, type RetryPlan } from '@countermand/workflows/operations/repair/plan.ts'
import { effectInWords, planInWords } from '@countermand/workflows/operations/repair/words.ts'
import { doneOf } from '@countermand/workflows/operations/story/done.ts'
import { print, printJson, say } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { checkTarget, runBulk } from '../bulk/command.ts'
import type { BulkOptions } from '../bulk/options.ts'
import { type ExitCode, foundSomething, wrongUse } from '../exit.ts'

export interface Options extends BulkOptions {
  readonly again?: true
  readonly restart?: boolean
  readonly by: string
  readonly reason: string
  readonly wait: number
}

const refuse = (message: string): ExitCode => {
  say(`error: ${message}`)
  return wrongUse
}

/** An ended saga is never driven on: what it came to is told in public. */
const endedAlready = (saga: FoundSaga, plan: Extract<RetryPlan, { action: 'ask-again' }>, json: boolean): ExitCode => {
  const { ended, request } = plan
  if (json) printJson({ ...saga, ended, wouldPublish: request })
  else print(`--again would publish ${planInWords(plan)}`)
  return refuse(`expected a saga that is not over, ${saga.requestId} has ended: ${ended}`)
}

const retryOne = async (parts: Parts, saga: FoundSaga, options: Options): Promise<ExitCode> => {
  const { by, reason, again = false, restart = false, dryRun = false, json = false } = options
  const plan = await planRetry(parts.databases, parts.temporal, saga, restart)
  if (plan.action === 'ask-again' && !again) return endedAlready(saga, plan, json)
  if (plan.action === 'nothing') return refuse(`expected ${saga.requestId} to need a retry, ${plan.because}`)
  if (dryRun) {
    const done = await doneOf(parts.databases, saga)
    if (json) printJson({ ...saga, plan, dryRun, done })
    else
      print(
        [
          `would send ${planInWords(plan)}`,
          'done already, and not done again:',
          ...done.map((each) => `  ${each}`),
        ].join('\n'),
      )
    return 0
  }
  const effect = await carryOut(parts, saga, plan, { by, reason })
  if (json) printJson({ ...saga, plan, dryRun, effect })
  else print(`${effect.sent === false ? 'not sent:' : 'sent'} ${planInWords(plan)}\n${effectInWords(effect)}`)
  return effect.changed ? 0 : foundSomething
}

/** Drives one saga on, or all that a search finds. */
export const run = async (id: string | undefined, options: Options): Promise<ExitCode> => {
  checkTarget(id, options)
  if (options.where !== undefined && options.again)
    throw new Error('expected --again with one request: whether it is still wanted is asked of each, got --where')
  return onSystem(await readAddresses(process.env), async (system): Promise<ExitCode> => {
    const parts = { ...system, waitMs: options.wait }
    const { where, restart } = options
    if (where !== undefined) return runBulk(parts, { ...options, where }, planRetryOfMany(parts, options, restart))
    return id === undefined ? 0 : retryOne(parts, await findSaga(system.databases, system.temporal, id), options)
  })
}
