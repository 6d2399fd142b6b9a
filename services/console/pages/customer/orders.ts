import type { ShownOrder } from '../../decide/order.ts'
import { attribute, html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs, named, pill, titleOf, tones } from './parts.ts'

const moneyOf = ({ cancellations }: ShownOrder, { words, money }: Surroundings['speech']) => {
  const refunds = cancellations.flatMap((each) => each.refunds)
  const [first] = refunds
  if (first === undefined) return undefined
  const sum = refunds.reduce((all, { amount }) => all + amount, 0)
  const isBack = refunds.every(({ state }) => state === 'succeeded')
  return (isBack ? words.orders.back : words.orders.onItsWay)(money(sum, first.currency))
}

const entry = (order: ShownOrder, { speech }: Surroundings) => {
  const { words, day, money } = speech
  return html`<li class="card"><a class="cover" href="${hrefs.order(order.orderId)}">
<span class="name">${named(words.order.title(order.orderId))}</span> ${pill(tones[order.status], words.order.status[order.status])}
<small>${words.orders.placed(day(order.placedAt))} · <span class="money">${money(order.total, order.currency)}</span></small>
<small>${named(order.lines.map(titleOf).slice(0, 3).join(', '))}</small>
${moneyOf(order, speech) !== undefined && html`<small class="name">${moneyOf(order, speech)}</small>`}
</a></li>`
}

/** C2: a customer's orders; what is cancelled leaves the open ones for a list of its own. */
export const ordersPage = (orders: readonly ShownOrder[], tab: 'open' | 'cancelled', around: Surroundings): Page => {
  const { words } = around.speech
  const shown = orders.filter(({ status }) => (status === 'cancelled') === (tab === 'cancelled'))
  const none = tab === 'open' ? words.orders.noneOpen : words.orders.noneCancelled
  const tabs = [
    { name: 'open', label: words.orders.open, href: hrefs.orders },
    { name: 'cancelled', label: words.orders.cancelled, href: `${hrefs.orders}?tab=cancelled` },
  ]
  return {
    title: words.orders.title,
    content: html`<nav class="tabs" aria-label="${words.orders.title}">${tabs.map(
      ({ name, label, href }) =>
        html`<a href="${href}"${attribute('aria-current', name === tab && 'page')}>${label}</a>`,
    )}</nav>
${shown.length === 0 ? html`<p>${none}</p>` : html`<ul class="cards">${shown.map((order) => entry(order, around))}</ul>`}`,
  }
}
