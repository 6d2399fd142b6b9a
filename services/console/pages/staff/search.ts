import type { ShownOrder } from '../../decide/order.ts'
import type { Cancellation } from '../../state.ts'
import { sentenceOf } from '../../words/say.ts'
import { pill, tones } from '../customer/parts.ts'
import { button, form, linkButton, textField } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page } from '../kit/page.ts'
import { type StaffAround, seesStatements, staffHrefs, time, words } from './parts.ts'

export interface Searched {
  readonly text: string
  readonly found: readonly ShownOrder[]
  /** The newest requests, shown while nothing is looked for. */
  readonly recent: readonly Cancellation[]
  readonly member: Parameters<typeof seesStatements>[0]
  /** When it was read. ISO 8601. */
  readonly at: string
}

const orderRow = ({ orderId, total, currency, merchantId, status, placedAt }: ShownOrder, { speech }: StaffAround) =>
  html`<li class="card"><a class="cover" href="${staffHrefs.case(orderId)}"><span class="name"><bdi>${orderId}</bdi></span> ${pill(tones[status], speech.words.order.status[status])}
<small>${speech.money(total, currency)} · <bdi>${merchantId}</bdi> · ${time(placedAt, speech.moment(placedAt))}</small></a></li>`

const recentRow = (request: Cancellation, at: string, { say, speech }: StaffAround) =>
  html`<li class="card"><a class="cover" href="${staffHrefs.case(request.orderId)}"><span class="name"><bdi>${request.orderId}</bdi></span> <span class="soft">${say.reasons[request.reason.code]}</span>
<small>${time(request.askedAt, speech.moment(request.askedAt))}${request.merchantId !== undefined && html` · <bdi>${request.merchantId}</bdi>`}</small>
<small>${sentenceOf(request, speech, { at })}</small></a></li>`

const none = (
  { text, member }: Searched,
  { say }: StaffAround,
) => html`<p class="lead" role="status">${words(say.search.none(text))}</p>
<p class="soft">${say.search.noneHelp}</p>${seesStatements(member) && linkButton(say.nav.statements, staffHrefs.statements, 'quiet')}`

/** S1: one search for orders, requests, customers, parcels and refunds. */
export const searchPage = (searched: Searched, around: StaffAround): Page => {
  const { text, found, recent, at } = searched
  const { say, speech } = around
  const { search } = say
  const field = textField({ name: 'q', label: search.label, help: search.help, value: text, autocomplete: 'off' })
  const fields = html`${field}${button(search.go)}`
  const results = html`<h2>${search.found(found.length, speech.number(found.length))}</h2><ul class="cards">${found.map((each) => orderRow(each, around))}</ul>`
  const latest = html`<h2>${search.recent}</h2>${
    recent.length === 0
      ? html`<p class="soft">${search.noRecent}</p>`
      : html`<ul class="cards">${recent.map((each) => recentRow(each, at, around))}</ul>`
  }`
  return {
    title: search.title,
    content: html`<search>${form({ action: staffHrefs.search, method: 'get', fields }, around)}</search>
${text === '' ? latest : found.length === 0 ? none(searched, around) : results}`,
  }
}
