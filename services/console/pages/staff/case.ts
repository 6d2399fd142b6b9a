import type { ShownOrder } from '../../decide/order.ts'
import type { StoryEntry } from '../../decide/story.ts'
import { sentenceOf } from '../../words/say.ts'
import { staffWords } from '../../words/staff.ts'
import { form, hidden } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { bar, deed, staffHrefs, time } from './parts.ts'

export interface ShownCase {
  readonly name: string
  readonly order: ShownOrder
  readonly story: readonly StoryEntry[]
  /** When it was read. ISO 8601. */
  readonly at: string
  /** Requests that this member may take back. */
  readonly mayTakeBack: ReadonlySet<string>
  /** As the customer is spoken to. */
  readonly customer: Surroundings['speech']
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What an entry says beside its type: who, what and why, of what is always short. */
const detail = ({ data }: StoryEntry): Piece => {
  const words = ['status', 'trackingNumber', 'decision', 'by', 'code', 'message', 'state', 'destination', 'onSilence']
  return words.flatMap((word) => textOf(data[word]) ?? []).join(' · ')
}

const entry = (one: StoryEntry, { speech: { moment, money } }: Surroundings): Html => {
  const { amount, currency } = one.data
  const sum = typeof amount === 'number' && typeof currency === 'string' ? money(amount, currency) : undefined
  return html`<li><span><span class="name">${staffWords.happened[one.type]}</span> ${sum !== undefined && html`<span class="money">${sum}</span>`}
<br><span class="soft">${time(one.at, moment(one.at))} <bdi>${detail(one)}</bdi></span></span></li>`
}

/** S2: one order with all that happened to it, and what its customer reads. */
export const casePage = (shown: ShownCase, around: Surroundings): Page => {
  const { name, order, story, at, mayTakeBack, customer } = shown
  const { money, moment } = around.speech
  const request = (each: ShownOrder['cancellations'][number]) => html`<section class="card">
<h2>${staffWords.request(each.requestId)}</h2>
<p>${staffWords.reasons[each.reason.code]}${each.reason.note !== undefined && html`: <bdi>${each.reason.note}</bdi>`}</p>
<p class="soft">${staffWords.customerReads}:</p><blockquote class="note note-info" lang="${customer.language}">${sentenceOf(each, customer, { at })}</blockquote>
${
  mayTakeBack.has(each.requestId) &&
  form(
    {
      ...{ action: staffHrefs.takeBack(order.orderId), method: 'post' },
      fields: html`${hidden('request', each.requestId)}${deed('deed', 'withdraw', staffWords.takeBack, 'quiet')}`,
    },
    around,
  )
}</section>`
  return {
    title: staffWords.caseTitle(order.orderId),
    content: html`${bar(name, around)}<p class="lead">${money(order.total, order.currency)} · ${order.merchantId} · ${time(order.placedAt, moment(order.placedAt))}</p>
${order.cancellations.map(request)}
<h2>${staffWords.story}</h2><ol class="rows">${story.map((each) => entry(each, around))}</ol>`,
  }
}
