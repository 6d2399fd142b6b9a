import { formatAmount, minorUnitDigits } from '@countermand/contracts'
import { describeVerification, invariants } from '../saga/verify/describe.ts'
import type { Running } from '../system/running.ts'
import { outcomeText, table } from '../terminal/print.ts'
import type { DemoResult } from './run.ts'

/** What `--json` prints. */
export const documentOf = (
  { sagas, deadLetters, verification, books, broken }: DemoResult,
  facts: { readonly seconds: number; readonly versions: Readonly<Record<string, string>> },
) => ({
  ok: broken.length === 0 && verification.violations.length === 0,
  ...facts,
  sagas,
  deadLetters,
  ...(books && { books }),
  invariants: { checked: verification.checked, violations: verification.violations },
})

const addresses = ({ running, home, keep }: Facts): string[] =>
  keep
    ? [
        `Temporal UI  ${running.temporalUiUrl}/namespaces/${running.namespace}/workflows`,
        `Kafka        ${running.kafkaBrokers}`,
        ...Object.entries(running.databaseUrls).map(([owner, url]) => `PostgreSQL   ${owner.padEnd(12)} ${url}`),
        ...(running.shop === undefined ? [] : [`shop         ${running.shop}/v1/openapi.json`]),
        ...Object.entries(running.http).map(([name, url]) => `health       ${name.padEnd(12)} ${url}/readyz`),
        `command line COUNTERMAND_HOME=${home} npm run saga -- list`,
        'Ctrl-C ends everything.',
      ]
    : [
        `Temporal UI  ${running.temporalUiUrl} (ended with the demo: npm run demo -- --keep leaves it running)`,
        'npm start    the same system in the foreground, on the default ports',
      ]

interface Facts {
  readonly seconds: number
  readonly running: Running
  readonly home: string
  readonly keep: boolean
}

const describeBooks = (books: DemoResult['books']): string[] => {
  if (books === undefined) return []
  const sums = Object.entries(books).map(([name, sum]) => {
    const [account = '', currency = ''] = name.split(' ')
    return `  ${account}: ${formatAmount(sum, currency, minorUnitDigits(currency))} has left`
  })
  return ['', 'The books of the stand-ins, against each refund and against our ledger:', ...sums]
}

/** The table of outcomes, the invariants, and where everything is. */
export const describeDemo = (result: DemoResult, facts: Facts): string => {
  const rows = result.sagas.map(({ scenario, orderId, outcome, code, stage, ms }) => [
    scenario,
    orderId,
    outcomeText(outcome),
    code ?? '',
    stage,
    `${ms}`,
  ])
  return [
    '',
    table(['scenario', 'order', 'outcome', 'code', 'stage', 'ms'], rows),
    ...result.deadLetters.map(({ id, reason }) => `dead letter ${id}: ${reason}`),
    '',
    `The ${Object.keys(invariants).length} invariants, in the four databases, the sandbox's books and Temporal:`,
    describeVerification(result.verification),
    ...describeBooks(result.books),
    '',
    ...addresses(facts),
    '',
    result.broken.length === 0 && result.verification.violations.length === 0
      ? `All as promised, after ${facts.seconds} s.`
      : `Not as promised: ${result.broken.length + result.verification.violations.length} problems, after ${facts.seconds} s.`,
  ].join('\n')
}
