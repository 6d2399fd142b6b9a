import type { WrittenDeed } from '../../decide/file.ts'
import type { Cancellation } from '../../state.ts'
import { errorSummary, form, hidden, type Invalid, linkButton, textArea } from '../kit/form.ts'
import { html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import { sumOf } from './inbox.ts'
import { deed, type StaffAround, staffHrefs, words } from './parts.ts'

export type Decision = 'approve' | 'reject'

/** As many characters as a message takes. */
export const mostMessage = 2_000

export interface Deciding {
  readonly decision: Decision
  /** Those that were chosen and wait. */
  readonly requests: readonly Cancellation[]
  readonly message: string
  readonly errors: readonly Invalid[]
}

/** Per currency, in the reader's writing; what is not known yet is in none. */
const sumsOf = (requests: readonly Cancellation[], { speech: { money } }: StaffAround): string[] => {
  const sums = new Map<string, number>()
  for (const { amount, currency } of requests)
    if (amount !== undefined && currency !== undefined) sums.set(currency, (sums.get(currency) ?? 0) + amount)
  return [...sums].map(([currency, amount]) => money(amount, currency))
}

/** M1, second step: how many, how much, and the message; then the button that says so. */
export const decidePage = ({ decision, requests, message, errors }: Deciding, around: StaffAround): Page => {
  const { say, speech } = around
  const { decide } = say
  const [count, written] = [requests.length, speech.number(requests.length)]
  const what = decide.requests(count, written)
  const sums = sumsOf(requests, around)
  const isWhole = requests.every(({ amount }) => amount !== undefined)
  const label =
    decision === 'reject'
      ? decide.reject(what)
      : sums.length === 0
        ? decide.approveFree(what)
        : decide.approve(what, sums.join(' + '))
  const row = (request: Cancellation): Piece =>
    html`<li><span><a class="name" href="${staffHrefs.case(request.orderId)}"><bdi>${request.orderId}</bdi></a> <small>${say.reasons[request.reason.code]}</small></span>${sumOf(request, around)}</li>`
  const fields = html`${requests.map(({ requestId }) => hidden('request', requestId))}
${decision === 'reject' && textArea({ name: 'message', label: decide.message, help: decide.messageHelp, value: message, most: mostMessage })}
<div class="deeds">${deed('decision', decision, label, decision === 'approve' ? 'primary' : 'danger')}${linkButton(decide.keep, staffHrefs.inbox, 'quiet')}</div>`
  return {
    title: decide.title[decision](count, written),
    back: { label: say.results.back, href: staffHrefs.inbox },
    content: html`${errorSummary(errors, speech)}<p class="lead">${decide.lead[decision]}</p>
<section class="card"><ul class="rows">${requests.map(row)}<li class="total"><span>${decide.sum}</span><span class="money">${sums.join(' + ')}</span></li></ul>${!isWhole && html`<p class="soft">${decide.unknownSum}</p>`}</section>
${form({ action: staffHrefs.inbox, method: 'post', fields }, around)}`,
  }
}

/** What was chosen and waits no more. */
export const goneResultPage = ({ say }: StaffAround): Page => ({
  title: say.results.title,
  content: html`<p class="lead" role="alert">${say.decide.gone}</p>${linkButton(say.results.back, staffHrefs.inbox)}`,
})

export interface Result {
  readonly deed: WrittenDeed
  /** As it is now; absent: it is not known, or not theirs. */
  readonly now?: Cancellation | undefined
  /** Who was first, where it was not this member. */
  readonly first?:
    | { readonly decision: Decision; readonly who: string; readonly at: string; readonly isSilence: boolean }
    | undefined
}

type Tone = 'good' | 'info' | 'warn'

const isDecision = (text: string): text is Decision => text === 'approve' || text === 'reject'

/** What came of one decision, in words. */
const resultOf = ({ deed: done, now, first }: Result, { say, speech }: StaffAround): readonly [Tone, string] => {
  const { results } = say
  const decision = isDecision(done.deed) ? done.deed : 'approve'
  if (done.came === 'sent') {
    const { decided, rejected = [] } = now ?? {}
    if (decided?.decision === decision) return ['good', results.counted[decision](speech.time(decided.at))]
    if (decided === undefined && rejected.every(({ input }) => input !== 'decide'))
      return ['info', results.sent[decision]]
    return ['warn', results.rejected]
  }
  if (first !== undefined) {
    const at = speech.time(first.at)
    const before = first.isSilence
      ? results.silence[first.decision](at)
      : results.first[first.decision](say.by(first.who, at))
    return [first.decision === decision ? 'good' : 'warn', before]
  }
  if (done.came === 'too-late') return ['warn', results.late]
  return ['warn', done.came === 'request-not-found' ? results.unknown : results.other]
}

const signs = { good: 'check', info: 'clock', warn: 'alert' } as const

/** M1, third step: what came of each, as long as it changes. */
export const resultsPage = (results: readonly Result[], around: StaffAround): Page => {
  const { say, speech } = around
  const sent = results.filter(({ deed: { came } }) => came === 'sent').length
  const all = results.map((each) => ({ each, said: resultOf(each, around) }))
  const isOpen = all.some(({ said: [tone] }) => tone === 'info')
  return {
    title: say.results.title,
    live: isOpen,
    back: { label: say.results.back, href: staffHrefs.inbox },
    content: html`<p class="lead" data-say>${say.results.counts(speech.number(sent), speech.number(results.length))}</p>
${isOpen && html`<p><a href="" data-keep="again">${say.results.refresh}</a></p>`}
<ul class="cards">${all.map(({ each: { deed: done }, said: [tone, text] }) => {
      const name =
        done.orderId === undefined
          ? words(done.requestId ?? '')
          : html`<a class="name" href="${staffHrefs.case(done.orderId)}"><bdi>${done.orderId}</bdi></a>`
      return html`<li class="note note-${tone} result">${icon(signs[tone])}<span>${name}<br>${text}</span></li>`
    })}</ul>`,
  }
}
