import type { Speech } from '../pages/kit/speech.ts'
import type { Cancellation, Refund } from '../state.ts'

/** What is said of a request: the same sentences on pages, in mails and in answers. */

/** Own entries only: what comes from outside may be called `constructor`. */
const entry = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** A payment by what its customer calls it. */
export const channelWord = (channel: string, { words }: Speech): string =>
  entry(words.cancellation.channels, channel) ?? words.cancellation.otherChannel

/** `33.51 € to your card` */
export const destinationOf = (
  { amount, currency, channel, destination }: Pick<Refund, 'amount' | 'currency' | 'channel' | 'destination'>,
  speech: Speech,
): string => {
  const where = speech.words.cancellation.destinations[destination](channelWord(channel, speech))
  return `${speech.money(amount, currency)} ${where}`
}

/** Where the money of one tender is. */
export const refundSentence = (refund: Refund, speech: Speech): string => {
  const { refund: say } = speech.words.cancellation
  const what = destinationOf(refund, speech)
  switch (refund.state) {
    case 'submitted':
    case 'pending':
      return refund.expectedBy === undefined ? say.pending(what) : say.pendingUntil(what, speech.day(refund.expectedBy))
    case 'succeeded':
      return refund.destination === 'none' ? say.released(what) : say.succeeded(what, speech.day(refund.at))
    default:
      return say[refund.state](what)
  }
}

/** Why it was turned down, or undone. */
export const refusalOf = ({ code, message }: Pick<Cancellation, 'code' | 'message'>, { words }: Speech): string => {
  const why = entry(words.cancellation.refusals, code ?? '') ?? words.cancellation.otherRefusal
  return message === undefined || code !== 'merchant-rejected' ? why : `${why} ${words.cancellation.message(message)}`
}

const endSentence = (now: Cancellation, { words, money }: Speech, code: string | undefined): string => {
  const { amount, currency } = now
  const sum = amount === undefined || currency === undefined || amount === 0 ? undefined : money(amount, currency)
  const said = words.cancellation
  switch (code) {
    case 'cancelled':
      return sum === undefined ? said.cancelledFree : said.cancelled(sum)
    case 'lines-cancelled':
      return sum === undefined ? said.cancelledFree : said.itemsCancelled(sum)
    default:
      return said.withdrawn
  }
}

/** What was asked for here and did not count is over when that is told. */
const isTakingBack = (takenBack: boolean, { rejected }: Cancellation): boolean =>
  takenBack && rejected.every(({ input }) => input !== 'withdraw')

/**
 * One sentence about a request as it is. `at`: when it is read, ISO 8601. `takenBack`: whether somebody asked to, here.
 */
export const sentenceOf = (
  now: Cancellation,
  speech: Speech,
  { at, takenBack = false }: { readonly at: string; readonly takenBack?: boolean },
): string => {
  const { words, moment, time } = speech
  const said = words.cancellation
  if (now.attention !== undefined) return said.attention(moment(now.attention.since))
  if (now.outcome === 'refused' || now.outcome === 'compensated') return said.refused(refusalOf(now, speech))
  if (now.outcome !== undefined) return endSentence(now, speech, now.outcome)
  if (now.stage === 'undoing') return said.undoing
  if (isTakingBack(takenBack, now)) return said.takingBack
  if (now.refunds.length > 0)
    return [said.parcelStopped, ...now.refunds.map((refund) => `${refundSentence(refund, speech)}.`)].join(' ')
  if (now.awaiting !== undefined)
    return said.merchantDecides(moment(now.awaiting.decideBy), now.awaiting.onSilence === 'approve')
  if (now.decided?.decision === 'approve') return said.merchantSaidYes
  if (now.startedAt !== undefined) return said.onHold
  const isSlow = Date.parse(at) - Date.parse(now.askedAt) > 10_000
  return isSlow ? `${said.received(time(now.askedAt))} ${said.slow}` : said.received(time(now.askedAt))
}

/** All that can be said of a request by now: of one that has ended, where each tender's money is too. */
export const summaryOf = (
  now: Cancellation,
  speech: Speech,
  when: { readonly at: string; readonly takenBack?: boolean },
): string =>
  now.outcome === undefined || now.attention !== undefined
    ? sentenceOf(now, speech, when)
    : [sentenceOf(now, speech, when), ...now.refunds.map((refund) => `${refundSentence(refund, speech)}.`)].join(' ')
