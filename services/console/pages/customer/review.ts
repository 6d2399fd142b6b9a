import type { ShownOrder } from '../../decide/order.ts'
import type { Preview, PreviewedTender } from '../../decide/preview.ts'
import { destinationOf } from '../../words/say.ts'
import { button, errorSummary, form, hidden, type Invalid, linkButton, textArea, textField } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { customersWays } from './cancel.ts'
import { type CancelWays, hrefs, named, picture, titleOf } from './parts.ts'
import { hiddenWish, type Wish, wishQuery } from './wish.ts'

/** Of what a customer writes: as many characters as a request takes. */
export const mostNote = 2_000

export interface Reviewed {
  readonly order: ShownOrder
  readonly wish: Wish
  readonly preview: Preview
  /** What was seen: sent along, so that nobody agrees to other figures than these. */
  readonly seen: string
  readonly note?: string | undefined
  /** To which address receipts go, as it was typed; absent: nobody sends any. */
  readonly email?: string | undefined
}

const items = ({ order, preview }: Reviewed, { words, money, number }: Surroundings['speech']) =>
  html`<section class="card" aria-labelledby="items"><h2 id="items">${words.review.items}</h2><ul class="rows">${order.lines.map(
    (line) => {
      const asked = preview.lines.find(({ lineId }) => lineId === line.lineId)
      return (
        asked !== undefined &&
        asked.quantity > 0 &&
        html`<li><div class="item">${picture(line)}<div><span class="name">${named(titleOf(line))}</span>
<small>${words.order.quantity(number(asked.quantity))}</small></div></div><span class="money">${money(asked.amount, preview.currency)}</span></li>`
      )
    },
  )}
${preview.rest !== 0 && html`<li><span>${words.review.rest}</span><span class="money">${money(preview.rest, preview.currency)}</span></li>`}
<li class="total"><span>${words.review.sum}</span><span class="money">${money(preview.amount, preview.currency)}</span></li></ul>
${preview.rest === 0 && !preview.whole && order.total > preview.amount && html`<p class="soft">${words.review.keptShipping}</p>`}</section>`

const tenderSentence = (tender: PreviewedTender, currency: string, speech: Surroundings['speech']) => {
  const { words, money, day } = speech
  if (tender.how === 'void') return words.review.held(money(tender.amount, currency))
  if (tender.how === 'nothing') return words.review.neverTaken
  const what = destinationOf({ ...tender, currency }, speech)
  return tender.expectedBy === undefined ? what : `${what}, ${words.review.expected(day(tender.expectedBy))}`
}

const money = ({ preview }: Reviewed, speech: Surroundings['speech']) => {
  const { words } = speech
  if (preview.amount === 0) return undefined
  return html`<section class="card" aria-labelledby="money"><h2 id="money">${words.review.money}</h2><ul class="rows">${preview.tenders.map(
    (tender) =>
      html`<li class="item">${icon('money')}<span>${tenderSentence(tender, preview.currency, speech)}</span></li>`,
  )}</ul></section>`
}

const parcelSentence = ({ order: { parcels } }: Reviewed, { words }: Surroundings['speech']): string => {
  if (parcels.length === 0) return words.review.noParcel
  if (parcels.every(({ status }) => status === 'delivered')) return words.review.parcelDelivered
  return parcels.some(({ status }) => status !== 'label-created')
    ? words.review.parcelOnItsWay
    : words.review.parcelNotSent
}

const decisionSentence = ({ preview: { decision } }: Reviewed, { words, moment }: Surroundings['speech']): string =>
  decision.by === 'nobody'
    ? words.review.nobodyDecides
    : words.review.merchantDecides(moment(decision.decideBy), decision.onSilence === 'approve')

const submitLabel = ({ preview }: Reviewed, { words, money: write }: Surroundings['speech']): string => {
  if (preview.amount === 0) return words.review.submitNothing
  const sum = write(preview.amount, preview.currency)
  return preview.whole ? words.review.submit(sum) : words.review.submitItems(sum)
}

/** C4, second step: all that will happen, before it does. `isChanged`: other figures were seen before. */
export const reviewPage = (
  reviewed: Reviewed,
  { isChanged, errors }: { readonly isChanged: boolean; readonly errors: readonly Invalid[] },
  around: Surroundings,
  ways: CancelWays = customersWays(reviewed.order, around),
): Page => {
  const { wish, preview, seen, note, email } = reviewed
  const { words, money: write } = around.speech
  const sum = write(preview.amount, preview.currency)
  const fields = html`${ways.carries}${hiddenWish(wish)}${hidden('seen', seen)}
${textArea({ name: 'note', label: words.review.note, value: note, most: mostNote })}
${email !== undefined && textField({ name: 'email', label: words.review.email, value: email, type: 'email', autocomplete: 'email', help: words.review.emailHelp })}
<div class="deeds">${button(submitLabel(reviewed, around.speech), 'danger')}${linkButton(words.cancel.keep, ways.order, 'quiet')}</div>`
  return {
    title: words.review.title,
    back: { label: words.review.change, href: `${ways.choose}?${wishQuery(wish)}` },
    content: html`<p class="soft">${words.cancel.step('2', '2')} · ${words.cancel.steps.review}</p>
${isChanged && html`<p class="note note-warn" role="alert">${words.review.changed}</p>`}
${errorSummary(errors, around.speech)}
<p class="big">${preview.amount === 0 ? words.review.nothingBack : words.review.youGet(sum)}</p>
${items(reviewed, around.speech)}
${money(reviewed, around.speech)}
<section class="card"><h2>${words.review.parcel}</h2><p>${parcelSentence(reviewed, around.speech)}</p></section>
<section class="card"><h2>${words.review.who}</h2><p>${decisionSentence(reviewed, around.speech)}</p></section>
${form({ action: ways.send, method: 'post', fields }, around)}`,
  }
}

/** Of what cannot be asked for now: why, and what can be done instead. */
export const blockedPage = (
  order: ShownOrder,
  { code, requestId }: { readonly code: string; readonly requestId?: string | undefined },
  around: Surroundings,
): Page => {
  const { words } = around.speech
  const why = Object.entries(words.cancellation.refusals).find(([each]) => each === code)?.[1]
  return {
    title: words.review.blocked,
    back: { label: words.common.backToOrder, href: hrefs.order(order.orderId) },
    content: html`<p class="lead">${code === 'cancellation-in-progress' ? words.review.sentTwice : (why ?? words.cancellation.otherRefusal)}</p>
${requestId === undefined ? linkButton(words.common.backToOrder, hrefs.order(order.orderId)) : linkButton(words.order.follow, hrefs.cancellation(requestId))}`,
  }
}
