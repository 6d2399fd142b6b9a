import type { Check } from '@countermand/service/checks.ts'
import type { Verification } from '@countermand/workflows/operations/verify/verify.ts'
import { colours } from '../../terminal/colours.ts'

/** The invariants in short, as the specification numbers them. */
export const invariants: Readonly<Record<Check['invariant'], string>> = {
  1: 'refunded ≤ captured, and the ledger is what the channels say',
  2: 'every unit of stock is in one place, and nothing is sold twice',
  3: 'an order is on hold only while one saga for it is open',
  4: 'every request comes to one outcome, told once',
  5: 'cancelled: refunded in full, parcels stopped, stock back',
  6: 'refused, withdrawn, compensated: everything as if the saga had not run',
}

const numbers = [1, 2, 3, 4, 5, 6] as const

/** For people: each invariant, and the rows that break it. */
export const describeVerification = ({ violations, requests, openSagas, rules }: Verification): string => {
  const lines = numbers.flatMap((number) => {
    const broken = violations.filter(({ invariant }) => invariant === number)
    const mark = broken.length === 0 ? colours.green('✓') : colours.red('✗')
    return [
      `${mark} ${number}. ${invariants[number]}`,
      ...broken.map(({ service, says, row }) => `    ${service}: expected ${says}, got ${JSON.stringify(row)}`),
    ]
  })
  const total = `${requests} ended requests and ${openSagas} open sagas, ${rules} rules: ${violations.length} violations`
  return [...lines, total].join('\n')
}
