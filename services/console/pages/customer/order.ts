import { lineAmount } from '@countermand/contracts'
import type { ShownOrder } from '../../decide/order.ts'
import { channelWord, sentenceOf } from '../../words/say.ts'
import { linkButton } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs, named, picture, pill, titleOf, tones } from './parts.ts'

const lines = (order: ShownOrder, { words, money, number }: Surroundings['speech']) => {
  const ofLines = order.lines.reduce((sum, line) => sum + lineAmount(line, line.quantity), 0)
  const rest = order.total - ofLines
  return html`<section class="card" aria-labelledby="items"><h2 id="items">${words.order.items}</h2><ul class="rows">${order.lines.map(
    (line) => html`<li><div class="item">${picture(line)}<div><span class="name">${named(titleOf(line))}</span>
<small>${words.order.quantity(number(line.quantity))}${line.cancelled > 0 && html` · ${words.order.unitsCancelled(number(line.cancelled))}`}</small></div></div>
<span class="money">${money(lineAmount(line, line.quantity), order.currency)}</span></li>`,
  )}
${rest !== 0 && html`<li><span>${words.order.shipping}</span><span class="money">${money(rest, order.currency)}</span></li>`}
<li class="total"><span>${words.order.total}</span><span class="money">${money(order.total, order.currency)}</span></li></ul></section>`
}

const parcels = ({ parcels: all }: ShownOrder, { words }: Surroundings['speech']) =>
  all.length > 0 &&
  html`<section class="card" aria-labelledby="parcels"><h2 id="parcels">${words.order.parcels}</h2><ul class="rows">${all.map(
    ({ status, trackingNumber }) => html`<li><span class="name">${words.order.parcel[status]}</span>
<small>${words.order.tracking(trackingNumber)}</small></li>`,
  )}</ul></section>`

const payments = (order: ShownOrder, speech: Surroundings['speech']) =>
  order.tenders.length > 0 &&
  html`<section class="card" aria-labelledby="paid"><h2 id="paid">${speech.words.order.payment}</h2><ul class="rows">${order.tenders.map(
    ({ channel, amount }) =>
      html`<li><span class="starts">${channelWord(channel, speech)}</span><span class="money">${speech.money(amount, order.currency)}</span></li>`,
  )}</ul></section>`

const requests = (order: ShownOrder, speech: Surroundings['speech'], at: string) =>
  order.cancellations.length > 0 &&
  html`<section class="card" aria-labelledby="requests"><h2 id="requests">${speech.words.order.requests}</h2><ul class="rows">${order.cancellations.map(
    (each) => html`<li><span>${sentenceOf(each, speech, { at })}</span>
<a href="${hrefs.cancellation(each.requestId)}">${speech.words.order.follow}<span class="said"> ${speech.moment(each.askedAt)}</span></a></li>`,
  )}</ul></section>`

const deed = (order: ShownOrder, { words }: Surroundings['speech']) => {
  const open = order.cancellations.find(({ outcome }) => outcome === undefined)
  if (open !== undefined) return linkButton(words.order.follow, hrefs.cancellation(open.requestId))
  if (order.status === 'cancelled') return html`<p>${words.order.nothingLeft}</p>`
  return html`${linkButton(words.order.cancel, hrefs.cancel(order.orderId))}<p class="soft">${words.order.canCancel}</p>`
}

/** C3: an order, and what can be done. `at`: when it is read. `isLookedAt`: by somebody else, who can press nothing. */
export const orderPage = (
  order: ShownOrder,
  at: string,
  isOne: boolean,
  around: Surroundings,
  isLookedAt = false,
): Page => {
  const { speech } = around
  const { words, day } = speech
  return {
    title: words.order.title(order.orderId),
    ...(!isOne && { back: { label: words.common.allOrders, href: hrefs.orders } }),
    content: html`<p>${pill(tones[order.status], words.order.status[order.status])} <span class="soft">${words.orders.placed(day(order.placedAt))}</span></p>
${!isLookedAt && requests(order, speech, at)}
${lines(order, speech)}
${parcels(order, speech)}
${payments(order, speech)}
${!isLookedAt && deed(order, speech)}`,
  }
}

/** Of an order that was not heard of yet. */
export const missingOrderPage = (path: string, { speech: { words } }: Surroundings): Page => ({
  title: words.order.notHereTitle,
  content: html`<p class="lead">${words.order.notHere}</p>${linkButton(words.common.refresh, path)}`,
})
