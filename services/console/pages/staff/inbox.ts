import type { ShownOrder } from '../../decide/order.ts'
import type { Cancellation } from '../../state.ts'
import { titleOf } from '../customer/parts.ts'
import { button, errorSummary, form, type Invalid, select } from '../kit/form.ts'
import { attribute, type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import { deed, folded, type StaffAround, staffHrefs, time, words } from './parts.ts'

/** A request, with its order as far as it is known. */
export interface Waiting {
  readonly request: Cancellation
  readonly order?: ShownOrder | undefined
}

export interface Inbox {
  readonly mayDecide: boolean
  /** By deadline, the next one first. */
  readonly waiting: readonly Waiting[]
  /** How many there are, shown or not. */
  readonly all: number
  readonly filters: { readonly merchant?: string | undefined; readonly reason?: string | undefined }
  /** Whose requests wait; those that may be looked at alone. */
  readonly merchants: readonly string[]
  readonly chosen: ReadonlySet<string> | 'all'
  readonly errors: readonly Invalid[]
  /** When it was read. ISO 8601. */
  readonly at: string
}

const units = ({ request, order }: Waiting, { speech: { number } }: StaffAround): string => {
  const wanted = request.lines ?? order?.lines.map(({ lineId, quantity }) => ({ lineId, quantity })) ?? []
  return wanted
    .map(({ lineId, quantity }) => {
      const line = order?.lines.find((each) => each.lineId === lineId)
      return `${number(quantity)} × ${titleOf(line ?? { lineId })}`
    })
    .join(' · ')
}

const parcelsOf = ({ order }: Waiting, { say, speech }: StaffAround): string =>
  order === undefined || order.parcels.length === 0
    ? say.inbox.noParcel
    : [...new Set(order.parcels.map(({ status }) => speech.words.order.parcel[status]))].join(' · ')

export const sumOf = ({ amount, currency }: Cancellation, { speech: { money } }: StaffAround): Piece =>
  amount !== undefined && currency !== undefined && html`<span class="money">${money(amount, currency)}</span>`

/** What a request is about. */
export const about = (waiting: Waiting, at: string, around: StaffAround): Html => {
  const { request } = waiting
  const { say, speech } = around
  const { reason, awaiting, orderId, merchantId } = request
  return html`<div class="about"><p class="head"><a class="name" href="${staffHrefs.case(orderId)}"><bdi>${orderId}</bdi></a> ${sumOf(request, around)}</p>
<p>${say.reasons[reason.code]}${reason.note !== undefined && html` <span class="soft">${words(say.inbox.note(reason.note))}</span>`}</p>
<p class="soft">${words(units(waiting, around))}</p>
<p class="soft">${icon('box')} ${parcelsOf(waiting, around)}${merchantId !== undefined && html` · <bdi>${merchantId}</bdi>`}</p>
${
  awaiting !== undefined &&
  html`<p>${icon('clock')} ${time(awaiting.decideBy, say.inbox.decideBy(speech.moment(awaiting.decideBy)))} <span class="soft">${say.left(speech.relative(awaiting.decideBy, at))} · ${say.inbox.silence[awaiting.onSilence]}</span></p>`
}</div>`
}

const filters = ({ merchants, filters: { merchant, reason } }: Inbox, around: StaffAround): Html => {
  const { inbox, reasons } = around.say
  const all = (label: string) => ({ value: '', label })
  const fields = html`<div class="filters">${
    merchants.length > 1 &&
    html`<div>${select({
      ...{ name: 'merchant', label: inbox.merchant, chosen: merchant ?? '' },
      choices: [all(inbox.everyMerchant), ...merchants.map((value) => ({ value, label: value }))],
    })}</div>`
  }<div>${select({
    ...{ name: 'reason', label: inbox.reason, chosen: reason ?? '' },
    choices: [all(inbox.everyReason), ...Object.entries(reasons).map(([value, label]) => ({ value, label }))],
  })}</div><div>${button(inbox.filter, 'quiet')}</div></div>`
  const isFiltered = merchant !== undefined || reason !== undefined
  return folded(inbox.some, form({ action: staffHrefs.inbox, method: 'get', fields }, around), isFiltered)
}

const address = ({ merchant, reason }: Inbox['filters'], more: Readonly<Record<string, string>> = {}): string => {
  const query = new URLSearchParams({
    ...(merchant !== undefined && { merchant }),
    ...(reason !== undefined && { reason }),
    ...more,
  }).toString()
  return query === '' ? staffHrefs.inbox : `${staffHrefs.inbox}?${query}`
}

const deeds = ({ chosen, filters: wanted }: Inbox, { say: { inbox } }: StaffAround, place: 'top' | 'end'): Html => {
  const [href, label] =
    chosen === 'all' ? [address(wanted), inbox.chooseNone] : [address(wanted, { choose: 'all' }), inbox.chooseAll]
  return html`<div class="bar">${place === 'top' && html`<a class="button button-quiet" href="${href}">${label}</a>`}
${deed('decision', 'approve', inbox.approve, 'primary')}${deed('decision', 'reject', inbox.reject, 'danger')}</div>`
}

const list = (inbox: Inbox, around: StaffAround): Html => {
  const { mayDecide, waiting, chosen, at } = inbox
  const { say } = around
  const row = (each: Waiting, place: number) => {
    const { requestId, orderId } = each.request
    const isChosen = chosen === 'all' || chosen.has(requestId)
    return html`<li class="card pick" data-id="${requestId}">${
      mayDecide &&
      html`<label class="box"><input type="checkbox" name="request" value="${requestId}"${attribute('id', place === 0 && 'request')}${attribute('checked', isChosen)}><span class="said">${say.inbox.choose(orderId)}</span></label>`
    }${about(each, at, around)}</li>`
  }
  const rows = html`<ul class="cards">${waiting.map(row)}</ul>`
  if (!mayDecide) return html`<p class="note note-info">${say.inbox.looksOn}</p>${rows}`
  const fields = html`${deeds(inbox, around, 'top')}${rows}${waiting.length > 5 && deeds(inbox, around, 'end')}`
  return form({ action: staffHrefs.review, method: 'post', fields }, around)
}

/** M1: what merchants have to decide, many at a time. */
export const inboxPage = (inbox: Inbox, around: StaffAround): Page => {
  const { waiting, all, errors, filters: wanted, merchants } = inbox
  const { say, speech } = around
  const isFiltered = wanted.merchant !== undefined || wanted.reason !== undefined
  const number = speech.number
  const nothing = isFiltered
    ? html`<p class="lead">${say.inbox.nothingSuch}</p>`
    : html`<p class="lead">${say.inbox.nothing}</p><p class="soft">${say.inbox.nothingFor}</p>`
  return {
    title: say.inbox.title,
    live: 'news',
    content: html`<p><a class="button button-quiet" href="${address(wanted)}" data-offer hidden>${say.inbox.news}</a></p>
${errorSummary(errors, speech)}
${(waiting.length > 0 || isFiltered || merchants.length > 1) && filters(inbox, around)}
${
  waiting.length === 0
    ? nothing
    : html`<p class="lead">${all > waiting.length ? say.inbox.shown(number(waiting.length), number(all)) : say.inbox.waiting(all, number(all))}</p>${list(inbox, around)}`
}`,
  }
}
