import type { Cancellation } from '../../state.ts'
import { staffWords } from '../../words/staff.ts'
import { errorSummary, form, type Invalid, textArea } from '../kit/form.ts'
import { attribute, type Html, html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { bar, deed, staffHrefs, time } from './parts.ts'

export interface Inbox {
  readonly name: string
  readonly mayDecide: boolean
  /** By deadline, the next one first. */
  readonly requests: readonly Cancellation[]
  readonly chosen: ReadonlySet<string>
  readonly message: string
  readonly errors: readonly Invalid[]
}

/** What a request is about, on two lines. */
export const about = (request: Cancellation, { speech: { money, moment } }: Surroundings): Html => {
  const { amount, currency, reason, awaiting, orderId } = request
  return html`<span><a class="name" href="${staffHrefs.case(orderId)}"><bdi>${orderId}</bdi></a>${
    amount !== undefined && currency !== undefined && html` <span class="money">${money(amount, currency)}</span>`
  }<br><span class="soft">${staffWords.reasons[reason.code]}${reason.note !== undefined && html`: <bdi>${reason.note}</bdi>`}</span>${
    awaiting !== undefined &&
    html`<br><span>${time(awaiting.decideBy, staffWords.decideBy(moment(awaiting.decideBy)))} · ${staffWords.silence[awaiting.onSilence]}</span>`
  }</span>`
}

/** M1: what the merchant has to decide, many at a time. */
export const inboxPage = (inbox: Inbox, around: Surroundings): Page => {
  const { name, mayDecide, requests, chosen, message, errors } = inbox
  const row = (request: Cancellation, place: number) =>
    html`<li class="card"><label class="choice">${
      mayDecide &&
      html`<input type="checkbox" name="request" value="${request.requestId}"${attribute('id', place === 0 && 'request')}${attribute('checked', chosen.has(request.requestId))}>`
    }${about(request, around)}</label></li>`
  const deeds = html`${textArea({ name: 'message', label: staffWords.messageLabel, value: message, most: 2_000 })}
<p>${deed('decision', 'approve', staffWords.approve, 'primary')} ${deed('decision', 'reject', staffWords.reject, 'danger')}</p>`
  const fields = html`<ul class="rows-of-cards rows">${requests.map(row)}</ul>${mayDecide && deeds}`
  return {
    title: staffWords.inbox,
    content: html`${bar(name, around)}${errorSummary(errors, around.speech)}${
      requests.length === 0
        ? html`<p>${staffWords.nothing}</p>`
        : form({ action: staffHrefs.inbox, method: 'post', fields }, around)
    }`,
  }
}

export interface Result {
  readonly requestId: string
  readonly orderId?: string | undefined
  readonly isDone: boolean
  readonly words: string
}

/** What came of each decision. */
export const resultsPage = (name: string, results: readonly Result[], around: Surroundings): Page => ({
  title: staffWords.resultsTitle,
  back: { label: staffWords.back, href: staffHrefs.inbox },
  content: html`${bar(name, around)}<ul class="rows-of-cards rows">${results.map(
    ({ requestId, orderId, isDone, words }) =>
      html`<li class="card note ${isDone ? 'note-good' : 'note-warn'}"><span>${
        orderId === undefined
          ? html`<bdi>${requestId}</bdi>`
          : html`<a class="name" href="${staffHrefs.case(orderId)}"><bdi>${orderId}</bdi></a>`
      }<br>${words}</span></li>`,
  )}</ul>`,
})
