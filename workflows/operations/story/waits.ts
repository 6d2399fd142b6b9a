import { inShell, shellCommand } from '@countermand/contracts/shown.ts'
import type { Deadline } from '../find/facts.ts'

/** Whom a saga waits for, and for whom. */
export interface Waiting {
  readonly requestId: string
  /** `null`: what is waited for comes by itself in a moment. */
  readonly deadline: Pick<Deadline, 'of'> | null
  readonly order: { readonly merchantId: string; readonly customerId: string | null } | null
}

const command = (name: string, requestId: string, rest: string): string =>
  shellCommand(`npm run saga -- ${name}`, requestId, rest)

const decide = ({ requestId, order }: Waiting): string[] => [
  'decide: only what the merchant has decided; who types it is kept too',
  command(
    'decide',
    requestId,
    `--decision <approve|reject> --by <you> --on-behalf-of ${order === null ? '<merchant>' : inShell(order.merchantId)}`,
  ),
]

const turnBack = ({ requestId, order }: Waiting): string[] => [
  'withdraw: takes everything back for the customer, who has changed their mind',
  command(
    'withdraw',
    requestId,
    `--by <you> --on-behalf-of ${order?.customerId == null ? '<customer>' : inShell(order.customerId)}`,
  ),
  'cancel: takes everything back, when it had better not be cancelled or cannot wait',
  command('cancel', requestId, '--by <you> --reason <why>'),
]

/** What can be done for whoever cannot wait: nothing is wrong, and by itself it goes on too. No money has moved while a merchant or a carrier is waited for. */
export const waysOutOfWaiting = (waiting: Waiting): string[] => {
  const of = waiting.deadline?.of
  if (of === undefined) return []
  return [
    ...(of === 'merchant' ? decide(waiting) : []),
    ...(of === 'bank' ? [] : turnBack(waiting)),
    'runbook: docs/runbooks/waiting.md',
  ]
}
