import { button, errorSummary, form, hidden, type Invalid, linkButton, textArea, textField } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs, named } from './parts.ts'

/** What somebody states who withdraws from a contract. */
export interface Stated {
  readonly name: string
  readonly contract: string
  readonly email: string
}

/** So many characters are taken. */
export const mostStated = { name: 200, contract: 1_000 } as const

/** C7, first step: who, from which contract, and where the receipt goes. A number is one way to say which contract; words are another. */
export const withdrawPage = (stated: Stated, errors: readonly Invalid[], around: Surroundings): Page => {
  const { words } = around.speech
  const fields = html`${textField({ name: 'name', label: words.withdraw.name, value: stated.name, autocomplete: 'name' })}
${textArea({ name: 'contract', label: words.withdraw.contract, value: stated.contract, most: mostStated.contract })}
${textField({ name: 'email', label: words.withdraw.email, value: stated.email, type: 'email', autocomplete: 'email' })}
${button(words.cancel.next)}`
  return {
    title: words.common.withdrawHere,
    content: html`<p class="lead">${words.withdraw.lead}</p>
${errorSummary(errors, around.speech)}
${form({ action: hrefs.withdraw, method: 'post', fields }, around)}`,
  }
}

const terms = (stated: Stated, { words }: Surroundings['speech']) =>
  html`<dt>${words.withdraw.name}</dt><dd>${named(stated.name)}</dd><dt>${words.withdraw.contract}</dt><dd>${named(stated.contract)}</dd><dt>${words.withdraw.email}</dt><dd>${named(stated.email)}</dd>`

/** C7, second step: what is stated, and the button that states it. */
export const confirmWithdrawPage = (stated: Stated, around: Surroundings): Page => {
  const { words } = around.speech
  const fields = html`${hidden('name', stated.name)}${hidden('contract', stated.contract)}${hidden('email', stated.email)}
<div class="deeds">${button(words.withdraw.confirm, 'danger')}${linkButton(words.withdraw.stop, hrefs.withdraw, 'quiet')}</div>`
  return {
    title: words.withdraw.reviewTitle,
    content: html`<p class="lead">${words.withdraw.statement}</p>
<dl class="card">${terms(stated, around.speech)}</dl>
${form({ action: hrefs.confirmWithdrawal, method: 'post', fields }, around)}`,
  }
}

/** It was received: nothing of it says whether there is such an order. The page is a receipt as well: content, date, time and reference. */
export const withdrawnPage = (
  {
    id,
    receivedAt,
    isMailed,
    ...stated
  }: Stated & { readonly id: string; readonly receivedAt: string; readonly isMailed: boolean },
  { speech }: Surroundings,
): Page => {
  const { words, moment } = speech
  return {
    title: words.withdraw.doneTitle,
    content: html`<p class="note note-good lead" role="status">${words.withdraw.done(moment(receivedAt))}</p>
<p>${isMailed ? words.withdraw.mailed : words.withdraw.notMailed}</p>
<p>${words.withdraw.statement}</p>
<dl class="card">${terms(stated, speech)}<dt>${words.receipt.askedAt}</dt><dd><time datetime="${receivedAt}">${moment(receivedAt)}</time> <bdi>${receivedAt}</bdi></dd><dt>${words.receipt.reference}</dt><dd><bdi>${id}</bdi></dd></dl>`,
  }
}
