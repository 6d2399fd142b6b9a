import { jsonIn } from '@countermand/contracts/json.ts'
import type { Account } from '../account.ts'
import { CallFailed } from '../call-failed.ts'
import type { Ask, Http, ProviderAnswer, ProviderRequest } from '../http.ts'

/** What was looked at, and what came of it in words for whoever set it up. */
export interface Finding {
  readonly what: 'credentials' | 'permission' | 'clock' | 'address' | 'notifications' | 'settings'
  readonly ok: boolean
  readonly words: string
}

/** How a provider is looked at: nothing is changed there. */
export interface Look {
  /** As people call it. */
  readonly title: string
  /** Where it lives unless the account says otherwise; absent: the account has to. */
  readonly baseUrl?: string
  /** One call that only reads, by which credentials and permission show. Throws {@link CallFailed} and {@link NotAsIs}. */
  look(account: Account, ask: Ask): Promise<ProviderAnswer>
  /** What it is that may be read then, for people. */
  readonly reads: string
  /** What the account lacks for notifications, or has wrongly, in words; `undefined`: nothing. */
  notifications(account: Account): string | undefined
  /** A notification that says nothing, as the provider would sign it; absent: only the provider can sign. */
  nothing?(account: Account, now: number): { readonly headers: Readonly<Record<string, string>>; readonly body: string }
}

/** The provider answers, and it is not as it must be. */
export class NotAsIs extends Error {
  override readonly name = 'NotAsIs'
  readonly what: Finding['what']

  constructor(what: Finding['what'], words: string) {
    super(words)
    this.what = what
  }
}

export const secretOf = (account: Account, name: string): string => account.secrets.get(name)?.[0]?.reveal() ?? ''

const minute = 60_000
/** As far as signatures may be from our clock. */
const clockMs = 5 * minute

const clockOf = (title: string, { headers }: ProviderAnswer, now: number): Finding => {
  const at = Date.parse(headers.date ?? '')
  if (Number.isNaN(at)) return { what: 'clock', ok: true, words: `${title} does not say what time it is` }
  const minutes = Math.round((now - at) / minute)
  if (Math.abs(now - at) <= clockMs) return { what: 'clock', ok: true, words: `our clock agrees with that of ${title}` }
  const off = `${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`
  return {
    what: 'clock',
    ok: false,
    words: `our clock is ${off} that of ${title}: its notifications would count as stale. Set the clock`,
  }
}

/** What somebody on the way answers, or a provider that is down: no object, and no list. */
const isPage = ({ body }: ProviderAnswer): boolean => {
  const read = jsonIn(body)
  return typeof read !== 'object' || read === null
}

/** What a status that is no yes means, whoever answers with it. */
export const noIn = ({ title, reads }: Pick<Look, 'title' | 'reads'>, answer: ProviderAnswer): Finding | undefined => {
  const { status } = answer
  if (status === 401)
    return {
      ...{ what: 'credentials', ok: false },
      words: `${title} does not take the credentials (401): they are wrong, expired or revoked, or of its other environment`,
    }
  if (status === 403)
    return {
      what: 'permission',
      ok: false,
      words: `${title} knows who asks, and does not let them read ${reads} (403): add the permission`,
    }
  if (status === 429)
    return { what: 'address', ok: false, words: `${title} has been asked too often (429): try again in a while` }
  if (status >= 500 || isPage(answer))
    return {
      ...{ what: 'address', ok: false },
      words: `what answers is not ${title} as it should be: ${status}${isPage(answer) ? ', and no JSON' : ''}. It is down, or somebody on the way answers`,
    }
  return status >= 400
    ? { what: 'address', ok: false, words: `${title} answers ${status} to a question for ${reads}: is baseUrl right?` }
    : undefined
}

const failedWords = (title: string, error: CallFailed): Finding =>
  error.reached === 'before-anything'
    ? { what: 'address', ok: false, words: `nobody answers for ${title}: ${error.message}` }
    : { what: 'address', ok: false, words: `${title} came to no answer: ${error.message}` }

/** Whose answer says how it is: the credentials', and the permission's. */
const ofCall = async (look: Look, account: Account, ask: Ask, now: () => number): Promise<Finding[]> => {
  try {
    const answer = await look.look(account, ask)
    const no = noIn(look, answer)
    const clock = no?.what === 'address' ? [] : [clockOf(look.title, answer, now())]
    if (no !== undefined) return [no, ...clock]
    return [
      { what: 'credentials', ok: true, words: `${look.title} takes the credentials, and shows ${look.reads}` },
      ...clock,
    ]
  } catch (error) {
    if (error instanceof NotAsIs) return [{ what: error.what, ok: false, words: error.message }]
    if (error instanceof CallFailed) return [failedWords(look.title, error)]
    throw error
  }
}

const ofNotifications = (look: Look, account: Account): Finding => {
  const lacking = look.notifications(account)
  return lacking === undefined
    ? { what: 'notifications', ok: true, words: 'what they are checked by has the right form' }
    : { what: 'notifications', ok: false, words: lacking }
}

/** Has the gateway take a notification that says nothing: whether it checks by the same secret. `gateway`: its base address. */
const ofGateway = async (
  look: Look,
  account: Account,
  gateway: URL,
  http: Http,
  now: () => number,
): Promise<Finding[]> => {
  const nothing = look.nothing?.(account, now())
  if (nothing === undefined) return []
  const path = `/notify/${account.name}`
  const request: ProviderRequest = { method: 'POST', path, route: '/notify/{account}', ...nothing }
  const place = { baseUrl: gateway.origin }
  const finding = (ok: boolean, words: string): Finding[] => [{ what: 'notifications', ok, words }]
  try {
    const { status } = await http.call({ name: 'gateway' }, place)(request)
    if (status === 401)
      return finding(
        false,
        'the gateway checks by another secret, or its clock is off: it refused what was signed by this one',
      )
    if (status === 404)
      return finding(false, `the gateway does not know ${account.name}: give it the same ACCOUNTS_FILE`)
    if (status >= 500) return finding(false, `the gateway answers ${status}: is its database there?`)
    return finding(true, 'the gateway takes what is signed by it')
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    return finding(false, `nobody answers at the gateway: ${error.message}`)
  }
}

/** Looks at an account as it is now. `gateway`: where it takes notifications; absent: it is not asked. */
export const lookAt = async (
  look: Look,
  account: Account,
  { http, now = Date.now, gateway }: { readonly http: Http; readonly now?: () => number; readonly gateway?: URL },
): Promise<Finding[]> => {
  const { baseUrl = account.baseUrl } = look
  const asked =
    baseUrl === undefined
      ? [{ what: 'settings', ok: false, words: 'the account has no baseUrl: nobody knows where to ask' } as const]
      : await ofCall(look, account, http.call(account, { baseUrl }), now)
  const told = ofNotifications(look, account)
  const heard = told.ok && gateway !== undefined ? await ofGateway(look, account, gateway, http, now) : []
  return [...asked, told, ...heard]
}
