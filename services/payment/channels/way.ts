import { said } from '@countermand/contracts/text.ts'
import type { Account } from '@countermand/providers/account.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import { type Ask, type Place, type ProviderAnswer, retryAfterMs } from '@countermand/providers/http.ts'
import { accountOf } from './accounts.ts'
import { ChannelError, type FailureFacts, type Outside, type RefundCall, type RefundResult } from './channel.ts'

/** How providers are called, the same for all of them. */

/** Nobody is called: somebody has to see to what is set up first. */
export const notSetUp = (words: string): ChannelError =>
  new ChannelError(words, 'before-anything', { trouble: 'setup' })

const technical = (error: unknown): never => {
  throw error instanceof CallFailed ? new ChannelError(error.message, error.reached, error.facts) : error
}

/** What a provider is asked by, with an account as it is now. All requests of one `ask` have the time of one call. */
export type Way = (of: Pick<RefundCall, 'account' | 'merchantId'>) => { readonly account: Account; readonly ask: Ask }

/** The way to a provider with the account that a call names. */
export const wayTo =
  (provider: string, place: Place, { accounts, http }: Pick<Outside, 'accounts' | 'http'>): Way =>
  (of) => {
    const account = accountOf(provider, of, accounts)
    if (http === undefined) throw notSetUp('there is no way to providers from here')
    const ask = http.call(account, place)
    return { account, ask: (request) => ask(request).catch(technical) }
  }

/** Does something for a call, with a client that is the call's own. */
export const askingBy =
  <Client>(way: Way, clientOf: (ask: Ask, account: Account) => Client) =>
  <Result>(does: (client: Client, call: RefundCall) => Promise<Result>) =>
  async (call: RefundCall): Promise<Result> => {
    const { account, ask } = way(call)
    return await does(clientOf(ask, account), call)
  }

export const isYes = ({ status }: ProviderAnswer): boolean => status >= 200 && status < 300

/** A no to a look: nothing could be learned of a refund, which may be made or not. */
export const nothingLearned = (no: RefundResult, what: string): ChannelError =>
  new ChannelError('reason' in no ? no.reason : what, 'unknown')

/** Of a provider that has turned a call away: when it wants another. `now`: ms since the epoch. */
export const waitOf = (answer: ProviderAnswer, now: number): FailureFacts => {
  const wait = retryAfterMs(answer, now)
  return { ...answer.outage, ...(wait !== undefined && { retryAfterMs: wait }) }
}

/** Control characters, and more than anybody reads, do not get into reasons. */
export const wordsOf = (message: string): string => said(message.replace(/\p{C}+/gu, ' '), 300)
