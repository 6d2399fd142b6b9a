import type { Account } from '@countermand/providers/account.ts'
import { type Accounts, noAccounts } from '@countermand/providers/accounts.ts'
import { ChannelError, type RefundCall } from './channel.ts'

/** The account that a channel is called with, with its secrets as they are now. Nobody is called without: a person has to set one up. */
export const accountOf = (
  provider: string,
  { account: name, merchantId = '*' }: Pick<RefundCall, 'account' | 'merchantId'>,
  accounts: Pick<Accounts, 'find'> = noAccounts,
): Account => {
  const account = accounts.find(name)
  if (account?.provider === provider) return account
  const missing = name.startsWith(`${provider}/`)
    ? `no account at ${provider} for merchant ${merchantId}: name one in ACCOUNTS_FILE`
    : `account ${name} at ${provider} is not in ACCOUNTS_FILE`
  throw new ChannelError(missing, 'before-anything', { trouble: 'setup' })
}
