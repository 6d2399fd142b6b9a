import { lineAmount } from '@countermand/contracts'
import type { DeedEntry, FileEntry } from '../../decide/file.ts'
import type { ShownOrder } from '../../decide/order.ts'
import type { Cancellation } from '../../state.ts'
import { sentenceOf } from '../../words/say.ts'
import { named, picture, pill, titleOf, tones } from '../customer/parts.ts'
import { button, errorSummary, form, hidden, type Invalid, linkButton, select, textArea } from '../kit/form.ts'
import { attribute, type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import type { Speech } from '../kit/speech.ts'
import { mostMessage } from './decide.ts'
import { deed, folded, type MayDo, type StaffAround, staffHrefs, time, viaChoices, words } from './parts.ts'
import { storyList } from './story.ts'

export const mostNoteOfStaff = 2_000

export interface ShownCase {
  readonly order: ShownOrder
  readonly entries: readonly (FileEntry | DeedEntry)[]
  /** When it was read. ISO 8601. */
  readonly at: string
  readonly may: MayDo
  /** Requests that can be taken back, and those that wait for their merchant. */
  readonly takeable: ReadonlySet<string>
  /** The page that the customer has now, as they are spoken to. */
  readonly customer: { readonly page: Page; readonly speech: Speech }
  /** What came of what was sent last: `sent`, or the code of why nothing was. */
  readonly came?: string | undefined
  readonly draft?: string | undefined
  readonly errors: readonly Invalid[]
}

const facts = (order: ShownOrder, { say, speech }: StaffAround): Html => {
  const { words: said, money, number } = speech
  const lines = order.lines.map(
    (line) => html`<li><div class="item">${picture(line)}<div><span class="name">${named(titleOf(line))}</span>
<small>${said.order.quantity(number(line.quantity))}${line.cancelled > 0 && html` · ${said.order.unitsCancelled(number(line.cancelled))}`}${line.sku !== undefined && html` · <bdi>${line.sku}</bdi>`}</small></div></div>
<span class="money">${money(lineAmount(line, line.quantity), order.currency)}</span></li>`,
  )
  const parcels = order.parcels.map(
    ({
      status,
      carrier,
      trackingNumber,
    }) => html`<li><span class="item">${icon('box')}<span><span class="name">${said.order.parcel[status]}</span>
<small><bdi>${carrier}</bdi> · <bdi>${trackingNumber}</bdi></small></span></span></li>`,
  )
  const paid = order.tenders.map(
    ({ channel, amount }) =>
      html`<li><span class="item">${icon('money')}<span><small>${say.case.paidWith}</small><bdi>${channel}</bdi></span></span><span class="money">${money(amount, order.currency)}</span></li>`,
  )
  return html`<section class="card"><ul class="rows">${lines}<li class="total"><span>${said.order.total}</span><span class="money">${money(order.total, order.currency)}</span></li>${parcels}${paid}</ul></section>`
}

const viaField = (id: string, around: StaffAround): Piece =>
  select({ ...{ id, name: 'via', label: around.say.case.via, choices: viaChoices(around), chosen: 'phone' } })

const takeBack = (request: Cancellation, place: number, orderId: string, around: StaffAround): Html => {
  const { say } = around
  const fields = html`${hidden('request', request.requestId)}${viaField(`via-back-${place}`, around)}${button(say.case.takeBack, 'quiet')}<p class="soft">${say.case.takeBackHelp}</p>`
  return folded(say.case.takeBack, form({ action: staffHrefs.takeBack(orderId), method: 'post', fields }, around))
}

const decision = (
  request: Cancellation,
  place: number,
  { order: { orderId }, may, errors }: ShownCase,
  around: StaffAround,
): Html => {
  const { say } = around
  const id = place === 0 ? 'message' : `message-${place}`
  const fields = html`${hidden('request', request.requestId)}
${may.support && viaField(`via-decide-${place}`, around)}
${textArea({ id, name: 'message', label: say.case.message, help: say.decide.messageHelp, most: mostMessage })}
<div class="deeds">${deed('decision', 'approve', say.case.approve, 'primary')}${deed('decision', 'reject', say.case.reject, 'danger')}</div>`
  return folded(
    may.support ? say.case.decideTitle : say.case.decideOwn,
    form({ action: staffHrefs.decide(orderId), method: 'post', fields }, around),
    errors.some(({ field }) => field === 'message'),
  )
}

const request = (each: Cancellation, place: number, shown: ShownCase, around: StaffAround): Html => {
  const { order, takeable, may, customer, at } = shown
  const { say, speech } = around
  const { reason, awaiting, attention, amount, currency } = each
  const mayDecide = may.decide && awaiting !== undefined && each.outcome === undefined
  return html`<section class="card"><h2>${say.case.request(say.reasons[reason.code])} ${amount !== undefined && currency !== undefined && html`<span class="money">${speech.money(amount, currency)}</span>`}</h2>
${reason.note !== undefined && html`<p>${words(say.inbox.note(reason.note))}</p>`}
<p class="soft">${say.case.asked} ${time(each.askedAt, speech.moment(each.askedAt))} · ${say.case.reference} <bdi>${each.requestId}</bdi></p>
${attention !== undefined && html`<p class="note note-warn">${say.case.attention(speech.moment(attention.since))}${may.operations && html` <a href="${staffHrefs.attentionFor(attention.reason)}">${say.case.seeToIt}</a>`}</p>`}
${mayDecide && awaiting !== undefined && html`<p>${icon('clock')} ${time(awaiting.decideBy, say.inbox.decideBy(speech.moment(awaiting.decideBy)))} <span class="soft">${say.left(speech.relative(awaiting.decideBy, at))} · ${say.inbox.silence[awaiting.onSilence]}</span></p>`}
<p class="soft">${say.case.customerReads}:</p><blockquote class="note note-info" lang="${customer.speech.language}" dir="${customer.speech.direction}">${sentenceOf(each, customer.speech, { at })}</blockquote>
${mayDecide && decision(each, place, shown, around)}
${may.support && takeable.has(each.requestId) && takeBack(each, place, order.orderId, around)}</section>`
}

const cameWords = ({ came }: ShownCase, { say }: StaffAround): Piece => {
  if (came === undefined) return undefined
  if (came === 'sent' || came === 'again') return html`<p class="note note-good" role="status">${say.case.sent}</p>`
  const why = Object.entries(say.case.turnedWords).find(([code]) => code === came)?.[1]
  return why !== undefined && html`<p class="note note-warn" role="alert">${say.case.turned(why)}</p>`
}

const colleagues = ({ order: { orderId }, draft }: ShownCase, around: StaffAround): Html => {
  const { say } = around
  const fields = html`${textArea({ name: 'note', label: say.case.note, help: say.case.noteHelp, value: draft, most: mostNoteOfStaff })}${button(say.case.addNote, 'quiet')}`
  return html`<section class="card"><h2>${say.case.notes}</h2>${form({ action: staffHrefs.note(orderId), method: 'post', fields }, around)}</section>`
}

const forCustomer = ({ order, may }: ShownCase, around: StaffAround): Piece => {
  const { say } = around
  if (!may.support) return undefined
  const canCancel = order.status !== 'cancelled' && order.cancellations.every(({ outcome }) => outcome !== undefined)
  const link = html`<p class="soft">${say.case.linkHelp}</p>${button(say.case.link, 'quiet')}`
  return html`${canCancel && linkButton(say.case.cancel, staffHrefs.cancel(order.orderId))}
<div class="card">${folded(say.case.link, form({ action: staffHrefs.link(order.orderId), method: 'post', fields: link }, around))}</div>`
}

const customerSide = ({ customer: { page, speech } }: ShownCase, { say }: StaffAround): Html =>
  html`<aside class="mirror" aria-labelledby="mirror"><h2 id="mirror">${say.case.customerSees}</h2>
<p class="soft">${say.case.inTheirLanguage(speech.words.name)}</p>
<div class="mirror-in" lang="${speech.language}"${attribute('dir', speech.direction)}><p class="big">${page.title}</p>${page.content}</div></aside>`

/** S2: one order with all that happened to it, what can be done, and what its customer sees. */
export const casePage = (shown: ShownCase, around: StaffAround): Page => {
  const { order, errors, entries } = shown
  const { say, speech } = around
  return {
    title: say.case.title(order.orderId),
    isWide: true,
    live: 'news',
    back: { label: say.nav.search, href: staffHrefs.search },
    content: html`<p><a class="button button-quiet" href="${staffHrefs.case(order.orderId)}" data-offer hidden>${say.results.refresh}</a></p>
${cameWords(shown, around)}${errorSummary(errors, speech)}
<p class="lead">${pill(tones[order.status], speech.words.order.status[order.status])} ${speech.money(order.total, order.currency)} · <bdi>${order.merchantId}</bdi> · ${time(order.placedAt, speech.moment(order.placedAt))}</p>
<div class="split"><div>
${order.cancellations.length === 0 && html`<p class="card">${say.case.noRequest}</p>`}${order.cancellations.map((each, place) => request(each, place, shown, around))}
${forCustomer(shown, around)}
${facts(order, around)}
${colleagues(shown, around)}
<section class="card"><h2>${say.case.story}</h2>${storyList(entries, shown.may, around)}</section>
</div>${customerSide(shown, around)}</div>`,
  }
}

/** A link that was made, which is shown this once. */
export const linkMadePage = (
  { orderId, url, expiresAt }: { readonly orderId: string; readonly url: string; readonly expiresAt: string },
  { say, speech }: StaffAround,
): Page => ({
  title: say.case.linkTitle,
  back: { label: say.case.back, href: staffHrefs.case(orderId) },
  content: html`<p class="lead">${say.case.linkLead}</p><p class="card"><bdi class="secret">${url}</bdi></p><p class="soft">${say.case.linkUntil(speech.moment(expiresAt))}</p>`,
})
