import type { Cancellation, Refund } from '../../state.ts'
import { type ReceiptRow, receiptRows } from '../../words/receipt.ts'
import { refundSentence, sentenceOf } from '../../words/say.ts'
import { button, errorSummary, form, type Invalid, linkButton, radios, textArea } from '../kit/form.ts'
import { attribute, html, type Piece } from '../kit/html.ts'
import { type IconName, icon } from '../kit/icons.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs } from './parts.ts'

export interface ShownCancellation {
  readonly now: Cancellation
  /** When it is read. */
  readonly at: string
  /** Whether it was asked for here to be taken back. */
  readonly takenBack: boolean
  /** Whether it can still be. */
  readonly mayTakeBack: boolean
  /** Whether it was too late when somebody tried. */
  readonly wasTooLate: boolean
  readonly feedback: 'given' | 'asked' | 'none'
  readonly feedbackErrors?: readonly Invalid[] | undefined
  /** Somebody else looks on: what its customer can press is not there. */
  readonly isLookedAt?: true
}

type StepState = 'done' | 'current' | 'notYet' | 'notNeeded' | 'declined' | 'failed' | 'stopped'

const isGood = ({ outcome }: Cancellation): boolean => outcome === 'cancelled' || outcome === 'lines-cancelled'

const decisionState = (now: Cancellation): StepState => {
  if (now.code === 'merchant-silent' || now.code === 'merchant-rejected') return 'declined'
  if (now.decided !== undefined) return now.decided.decision === 'approve' ? 'done' : 'declined'
  if (now.awaiting !== undefined) return now.outcome === undefined ? 'current' : 'stopped'
  return now.refunds.length > 0 || now.outcome !== undefined ? 'notNeeded' : 'notYet'
}

const parcelState = (now: Cancellation): StepState => {
  if (now.code === 'intercept-failed') return 'failed'
  if (now.refunds.length > 0 || isGood(now)) return 'done'
  if (now.outcome !== undefined) return 'stopped'
  if (now.awaiting !== undefined) return 'notYet'
  return now.startedAt !== undefined ? 'current' : 'notYet'
}

const moneyState = ({ refunds, outcome }: Cancellation): StepState => {
  if (refunds.some(({ state }) => state === 'failed')) return 'failed'
  if (refunds.length > 0) return refunds.every(({ state }) => state === 'succeeded') ? 'done' : 'current'
  return outcome === undefined ? 'notYet' : 'notNeeded'
}

const signs: Readonly<Record<StepState, readonly [IconName, string]>> = {
  done: ['check', 'is-good'],
  current: ['clock', 'is-info'],
  notYet: ['dot', ''],
  notNeeded: ['minus', ''],
  stopped: ['minus', ''],
  declined: ['cross', 'is-bad'],
  failed: ['alert', 'is-bad'],
}

const step = (name: string, state: StepState, detail: Piece, { words }: Surroundings['speech']) => {
  const [sign, tone] = signs[state]
  return html`<li${attribute('aria-current', state === 'current' && 'step')}><span class="step-sign ${tone}">${icon(sign)}</span>
<div><span class="step-name">${name}</span> <span class="soft">· ${words.cancellation[state]}</span>${detail}</div></li>`
}

const steps = ({ now }: ShownCancellation, speech: Surroundings['speech']) => {
  const { words, moment } = speech
  const { steps: names } = words.cancellation
  const small = (text: string | undefined) => text !== undefined && html`<small>${text}</small>`
  const decidedAt = now.decided && moment(now.decided.at)
  const until =
    now.awaiting &&
    words.cancellation.merchantDecides(moment(now.awaiting.decideBy), now.awaiting.onSilence === 'approve')
  return html`<section class="card" aria-labelledby="progress"><h2 id="progress">${words.cancellation.progress}</h2><ol class="steps">
${step(names.request, 'done', small(moment(now.askedAt)), speech)}
${step(names.decision, decisionState(now), small(decidedAt ?? until), speech)}
${step(names.parcel, parcelState(now), undefined, speech)}
${step(names.money, moneyState(now), undefined, speech)}
</ol></section>`
}

const refundIcons: Readonly<Record<Refund['state'], IconName>> = {
  ...{ submitted: 'clock', pending: 'clock', 'action-required': 'alert' },
  ...{ succeeded: 'check', failed: 'alert', reversed: 'alert' },
}

const money = ({ now }: ShownCancellation, speech: Surroundings['speech']) => {
  if (now.refunds.length === 0 && now.outcome !== undefined) return undefined
  const { words } = speech
  return html`<section class="card" aria-labelledby="money"><h2 id="money">${words.cancellation.money}</h2>${
    now.refunds.length === 0
      ? html`<p class="soft">${words.cancellation.noMoneyYet}</p>`
      : html`<ul class="rows">${now.refunds.map(
          (refund) =>
            html`<li class="item">${icon(refundIcons[refund.state])}<span>${refundSentence(refund, speech)}</span></li>`,
        )}</ul>`
  }</section>`
}

const tone = ({ outcome, attention }: Cancellation): string => {
  if (attention !== undefined) return 'warn'
  if (outcome === 'cancelled' || outcome === 'lines-cancelled') return 'good'
  return outcome === undefined || outcome === 'withdrawn' ? 'info' : 'bad'
}

const deeds = ({ now, mayTakeBack, takenBack, isLookedAt }: ShownCancellation, around: Surroundings) => {
  const { words } = around.speech
  if (isLookedAt) return undefined
  if (now.outcome === 'withdrawn' || now.outcome === 'refused' || now.outcome === 'compensated')
    return linkButton(words.common.backToOrder, hrefs.order(now.orderId))
  if (!mayTakeBack || takenBack) return undefined
  return html`${form(
    { action: hrefs.takeBack(now.requestId), method: 'post', fields: button(words.cancellation.takeBack, 'quiet') },
    around,
  )}<p class="soft">${words.cancellation.takeBackHelp}</p>`
}

const feedback = ({ now, feedback: is, feedbackErrors = [] }: ShownCancellation, around: Surroundings) => {
  const { words } = around.speech
  if (is === 'none') return undefined
  if (is === 'given') return html`<p class="note note-good" role="status">${words.feedback.thanks}</p>`
  const choices = words.feedback.scores.map((label, place) => ({ value: String(place + 1), label }))
  const fields = html`${radios({ name: 'score', legend: words.feedback.title, choices, chosen: undefined })}
${textArea({ name: 'text', label: words.feedback.text, most: 2_000 })}${button(words.feedback.send, 'quiet')}`
  return html`${errorSummary(feedbackErrors, around.speech)}<section class="card">${form({ action: hrefs.feedback(now.requestId), method: 'post', fields }, around)}</section>`
}

/** C5: where a request is, and each tender's money with its date. */
export const cancellationPage = (shown: ShownCancellation, isLive: boolean, around: Surroundings): Page => {
  const { now, at, takenBack, wasTooLate } = shown
  const { words } = around.speech
  return {
    title: words.cancellation.title(now.orderId),
    live: isLive,
    back: { label: words.common.backToOrder, href: hrefs.order(now.orderId) },
    content: html`<p class="note note-${tone(now)} lead" data-say>${sentenceOf(now, around.speech, { at, takenBack })}</p>
${wasTooLate && html`<p class="note note-warn" role="status">${words.cancellation.tooLate}</p>`}
${steps(shown, around.speech)}
${money(shown, around.speech)}
${deeds(shown, around)}
${feedback(shown, around)}
${shown.isLookedAt !== true && html`<p class="foot-links"><a href="${hrefs.receipt(now.requestId)}">${words.cancellation.receipt}</a> ${isLive && html`<a href="${hrefs.cancellation(now.requestId)}" data-keep="again">${words.common.refresh}</a>`}</p>`}`,
  }
}

const shownValue = ({ values, at }: ReceiptRow): Piece => {
  const [first = '', ...more] = values
  if (more.length > 0) return html`<ul>${values.map((each) => html`<li><bdi>${each}</bdi></li>`)}</ul>`
  return at === undefined ? html`<bdi>${first}</bdi>` : html`<time datetime="${at}">${first}</time>`
}

/** C6: what was asked for and when, to be kept. */
export const receiptPage = (
  now: Cancellation,
  { at, items }: { readonly at: string; readonly items: readonly string[] },
  { speech }: Surroundings,
): Page => {
  const { words } = speech
  const rows = receiptRows(now, { at, items }, speech)
  return {
    title: words.receipt.title,
    back: { label: words.cancellation.title(now.orderId), href: hrefs.cancellation(now.requestId) },
    content: html`<dl class="card">${rows.map((row) => html`<dt>${row.name}</dt><dd>${shownValue(row)}</dd>`)}</dl>
<p class="soft">${words.receipt.print}</p>`,
  }
}
