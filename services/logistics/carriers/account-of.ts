import type { Account } from '@countermand/providers/account.ts'
import { type Accounts, noAccounts } from '@countermand/providers/accounts.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Http } from '@countermand/providers/http.ts'
import type { CarrierCall } from './carrier.ts'

/** With which account a carrier outside is asked. */

/** Which account a merchant works with, as it is now. */
export type Choice = Pick<Accounts, 'find' | 'nameFor'>

/** What a carrier outside is opened with. */
export interface Outside {
  /** Absent: nobody outside is called. */
  readonly http?: Http
  readonly accounts?: Choice
}

/** What only a person can mend: nobody was called. */
export const setUp = (words: string) => new CallFailed(words, 'before-anything', { trouble: 'setup' })

/** A merchant's account at a carrier. */
export const accountFor = (accounts: Choice, provider: string, merchantId: string | undefined): Account | undefined => {
  const name = accounts.nameFor(merchantId, provider)
  const account = name === undefined ? undefined : accounts.find(name)
  return account?.provider === provider ? account : undefined
}

/** How it is asked for a call; throws when that is not set up. */
export const wayOf = (
  { http, accounts = noAccounts }: Outside,
  find: (accounts: Choice, call: Pick<CarrierCall, 'carrier' | 'merchantId'>) => Account | undefined,
  call: Pick<CarrierCall, 'carrier' | 'merchantId'>,
): { readonly http: Http; readonly account: Account } => {
  const account = find(accounts, call)
  if (account === undefined || http === undefined)
    throw setUp(
      `no account of merchant ${call.merchantId ?? '*'} for carrier ${call.carrier}: name one in ACCOUNTS_FILE`,
    )
  return { http, account }
}
