import type { Account } from '@countermand/providers/account.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Ask, ProviderAnswer, ProviderRequest } from '@countermand/providers/http.ts'
import { createTokens, type Tokens } from '@countermand/providers/oauth.ts'
import { accountFor, type Choice, type Outside, wayOf } from './account-of.ts'
import type { CarrierCall, CarrierKind, ParcelOfCarrier, ResumeResult, StatusResult, StopResult } from './carrier.ts'
import { eligibilityIn, interceptIn, type No, tokenIn, voidIn } from './ups-answers.ts'
import {
  eligibilityRequest,
  interceptRequest,
  isTracked,
  isUpsNumber,
  tokenRequest,
  trackRequest,
  type UpsSettings,
  upsPlace,
  upsSettings,
  voidRequest,
} from './ups-requests.ts'
import { type Tracked, trackedIn } from './ups-tracking.ts'

/** UPS: docs/providers/ups.md. It knows no keys, takes on an intercept at once, and turns the parcel round days later, or never. */

const minute = 60_000
/** What becomes of an intercept shows in hours: it is done on the day of delivery. */
const askAgainMs = 30 * minute
/** Whether it can be done UPS may not know yet. */
const unknownForMs = 15 * minute

/** UPS, as one call asks it. */
interface Client {
  readonly settings: UpsSettings
  readonly ask: (request: ProviderRequest) => Promise<ProviderAnswer>
}

const clientOf = (ask: Ask, { name, settings: given, secrets }: Account, tokens: Tokens): Client => {
  const settings = upsSettings.parse(given)
  const askForToken = async () => {
    const secret = secrets.get('clientSecret')?.[0]?.reveal() ?? ''
    const answer = await ask(tokenRequest(settings, secret)).catch((error: unknown) => {
      throw error instanceof CallFailed ? new CallFailed(error.message, 'before-anything', error.facts) : error
    })
    return tokenIn(answer, Date.now())
  }
  const tokenName = `${name} ${settings.clientId}`
  const send = async (request: ProviderRequest, isAgain = false): Promise<ProviderAnswer> => {
    const token = await tokens.find(tokenName, askForToken)
    const headers = { ...request.headers, authorization: `Bearer ${token.reveal()}` }
    const answer = await ask({ ...request, headers })
    if (answer.status !== 401 || isAgain) return answer
    // It may have been taken back before its end: whoever was not let in has done nothing.
    tokens.drop(tokenName, token)
    return await send(request, true)
  }
  return { settings, ask: (request) => send(request) }
}

const track = async ({ ask }: Client, { trackingNumber }: ParcelOfCarrier): Promise<Tracked> =>
  isTracked(trackingNumber)
    ? trackedIn(await ask(trackRequest(trackingNumber)), trackingNumber, Date.now())
    : { isVoid: false, isAskedBack: false }

const canIntercept = async ({ ask }: Client, { trackingNumber }: ParcelOfCarrier) =>
  eligibilityIn(await ask(eligibilityRequest(trackingNumber)), Date.now())

const notYetKnown = ({ trackingNumber }: ParcelOfCarrier) =>
  new CallFailed(`UPS does not know yet whether it can intercept ${trackingNumber}`, 'before-anything', {
    retryAfterMs: unknownForMs,
  })

/** Only by its tracking a parcel counts as turned round: that UPS will try is no yes. */
const stopStatus = async (client: Client, call: CarrierCall): Promise<StatusResult> => {
  if (!isUpsNumber(call.trackingNumber)) return { result: 'none' }
  const { isVoid, isAskedBack, is } = await track(client, call)
  if (isVoid) return { result: 'voided' }
  if (is === 'returning' || is === 'returned') return { result: 'intercepted' }
  if (is === 'delivered') return { result: 'refused', failure: 'delivered' }
  if (call.status === 'label-created') return { result: 'none' }
  const eligibility = await canIntercept(client, call)
  if (eligibility === 'can') return { result: 'none' }
  // Shortly before it does it, UPS may say that it can neither be asked nor told not to.
  if (eligibility === 'asked' || isAskedBack || call.carrierRef !== undefined) return { result: 'pending', askAgainMs }
  if (eligibility === 'unknown') throw notYetKnown(call)
  return { result: 'none', unsure: true }
}

const voidLabel = async ({ ask }: Client, call: CarrierCall): Promise<StopResult> =>
  isUpsNumber(call.trackingNumber)
    ? voidIn(await ask(voidRequest(call)), call.trackingNumber, Date.now())
    : { result: 'refused', failure: 'ineligible', reason: `UPS voids 1Z numbers, not ${call.trackingNumber}` }

const refusedBy = ({ words, code }: No): StopResult & ResumeResult => ({
  ...{ result: 'refused', failure: 'refused', reason: `UPS: ${words} (${code})` },
})

const requestIntercept = async (client: Client, call: CarrierCall): Promise<StopResult> => {
  const { status, trackingNumber } = call
  if (status === 'out-for-delivery' || status === 'delivered') return { result: 'refused', failure: status }
  if (!isUpsNumber(trackingNumber))
    return { result: 'refused', failure: 'ineligible', reason: `UPS intercepts 1Z numbers, not ${trackingNumber}` }
  const eligibility = await canIntercept(client, call)
  if (eligibility === 'asked') return { result: 'accepted', askAgainMs }
  if (eligibility === 'unknown') throw notYetKnown(call)
  if (eligibility === 'cannot')
    return { result: 'refused', failure: 'ineligible', reason: `UPS says that ${trackingNumber} cannot be intercepted` }
  const answer = await client.ask(interceptRequest('return', call, client.settings))
  const said = interceptIn(answer, 'return', Date.now())
  if ('ref' in said) return { result: 'accepted', askAgainMs, ...(said.ref !== undefined && { carrierRef: said.ref }) }
  // It may speak of our own earlier call, whose answer was lost.
  return (await canIntercept(client, call)) === 'asked' ? { result: 'accepted', askAgainMs } : refusedBy(said)
}

const resume = async (client: Client, call: CarrierCall): Promise<ResumeResult> => {
  const answer = await client.ask(interceptRequest('cancel', call, client.settings))
  const said = interceptIn(answer, 'cancel', Date.now())
  if ('ref' in said) return { result: 'resumed' }
  return (await canIntercept(client, call)) === 'can' ? { result: 'resumed' } : refusedBy(said)
}

const mine = (accounts: Choice, { merchantId }: Pick<CarrierCall, 'merchantId'>) =>
  accountFor(accounts, 'ups', merchantId)

export const ups = {
  open: (outside) => {
    const tokens = createTokens()
    const asking =
      <Call extends ParcelOfCarrier, Result>(does: (client: Client, call: Call) => Promise<Result>) =>
      async (call: Call): Promise<Result> => {
        const { http, account } = wayOf(outside, mine, call)
        return await does(clientOf(http.call(account, upsPlace), account, tokens), call)
      }
    return {
      asksFirst: true,
      voids: 'after-refund',
      voidLabel: asking(voidLabel),
      requestIntercept: asking(requestIntercept),
      stopStatus: asking(stopStatus),
      resume: asking(resume),
      // A label needs an address, a weight and a service: the shop has them.
      relabel: async () => ({ result: 'requested' }),
      track: asking(async (client, parcel: ParcelOfCarrier) => {
        const { is: status, at } = await track(client, parcel)
        return status === undefined || at === undefined ? undefined : { status, at }
      }),
    }
  },
} satisfies CarrierKind<Outside>
