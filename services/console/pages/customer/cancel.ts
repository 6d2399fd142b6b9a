import type { ShownOrder } from '../../decide/order.ts'
import { amountSelect, button, errorSummary, form, type Invalid, linkButton, radios } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { type CancelWays, hrefs, named, picture, titleOf } from './parts.ts'
import { customersReasons, leftOf, lineFieldId, unitsField, type Wish } from './wish.ts'

/** More than that is typed: a list of a hundred is no help to anybody. */
const mostListed = 20

const units = (
  line: ShownOrder['lines'][number],
  place: number,
  { units: chosen }: Wish,
  speech: Surroundings['speech'],
) => {
  const [id, name, most] = [lineFieldId(place), unitsField(line.lineId), leftOf(line)]
  const label = speech.words.cancel.unitsOf(titleOf(line))
  const wanted = chosen.get(line.lineId) ?? 0
  return most <= mostListed
    ? amountSelect({ id, name, label, most, chosen: wanted }, speech)
    : html`<input type="number" id="${id}" name="${name}" min="0" max="${most}" value="${wanted}" inputmode="numeric" aria-label="${label}">`
}

const items = (order: ShownOrder, wish: Wish, speech: Surroundings['speech']) => {
  const { words, number } = speech
  return html`<fieldset class="card"><legend>${words.cancel.what}</legend><ul class="rows">${order.lines.map(
    (line, place) =>
      leftOf(line) > 0 &&
      html`<li><div class="item">${picture(line)}<div><span class="name">${named(titleOf(line))}</span>
<small>${words.cancel.left(leftOf(line), number(leftOf(line)))}</small></div></div>${units(line, place, wish, speech)}</li>`,
  )}</ul></fieldset>`
}

/** Whether there is a choice where the money goes: gift cards, credit and cash have their own way. */
const canChoose = ({ tenders }: ShownOrder): boolean =>
  tenders.some(
    ({ channel, amount }) => amount > 0 && !['store-credit', 'gift-card', 'cash-on-delivery'].includes(channel),
  )

export const customersWays = ({ orderId }: ShownOrder, { speech: { words } }: Surroundings): CancelWays => ({
  title: words.cancel.title(orderId),
  order: hrefs.order(orderId),
  ...{ choose: hrefs.cancel(orderId), review: hrefs.review(orderId), send: hrefs.cancel(orderId) },
  reasons: customersReasons,
})

/** C4, first step: what, why, and where the money should go. It asks nobody yet, so that it may be gone back to. */
export const cancelPage = (
  order: ShownOrder,
  wish: Wish,
  errors: readonly Invalid[],
  around: Surroundings,
  ways: CancelWays = customersWays(order, around),
): Page => {
  const { words } = around.speech
  const reasons = ways.reasons.map((value) => ({ value, label: (ways.reasonWords ?? words.cancel.reasons)[value] }))
  const places = [
    { value: 'original', label: words.cancel.original },
    { value: 'store-credit', label: words.cancel.storeCredit },
  ]
  const fields = html`${ways.asks}${items(order, wish, around.speech)}
${radios({ name: 'reason', legend: words.cancel.why, choices: reasons, chosen: wish.reason })}
${canChoose(order) && radios({ name: 'to', legend: words.cancel.where, choices: places, chosen: wish.refundTo })}
<div class="deeds">${button(words.cancel.next)}${linkButton(words.cancel.keep, ways.order, 'quiet')}</div>`
  return {
    title: ways.title,
    back: { label: words.common.backToOrder, href: ways.order },
    content: html`<p class="soft">${words.cancel.step('1', '2')} · ${words.cancel.steps.choose}</p>
${errorSummary(errors, around.speech)}
${form({ action: ways.review, method: 'get', fields }, around)}`,
  }
}
