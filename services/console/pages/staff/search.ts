import type { ShownOrder } from '../../decide/order.ts'
import { staffWords } from '../../words/staff.ts'
import { button, form, linkButton, textField } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { bar, staffHrefs } from './parts.ts'

/** S1: one search for orders, requests and customers. */
export const searchPage = (
  { name, text, found }: { readonly name: string; readonly text: string; readonly found: readonly ShownOrder[] },
  around: Surroundings,
): Page => {
  const { money } = around.speech
  const field = textField({
    ...{ name: 'q', label: staffWords.searchLabel, help: staffWords.searchHelp, value: text, autocomplete: 'off' },
  })
  return {
    title: staffWords.search,
    content: html`${bar(name, around)}${form({ action: staffHrefs.search, method: 'get', fields: html`${field}${button(staffWords.search)}` }, around)}
${text !== '' && found.length === 0 && html`<p role="status">${staffWords.noneFound(text)}</p>`}
<ul class="rows-of-cards rows">${found.map(
      ({ orderId, total, currency, merchantId }) =>
        html`<li class="card"><a class="cover" href="${staffHrefs.case(orderId)}"><span class="name"><bdi>${orderId}</bdi></span> <small>${merchantId} · ${money(total, currency)}</small></a></li>`,
    )}</ul>`,
  }
}

/** What went wrong, and where to go on. */
export const staffTroublePage = (words: string, again: { readonly label: string; readonly href: string }): Page => ({
  title: staffWords.signInFailed === words ? words : staffWords.inbox,
  content: html`<p class="lead" role="alert">${words}</p>${linkButton(again.label, again.href)}`,
})

export const signedOutPage = (links: readonly { readonly label: string; readonly href: string }[]): Page => ({
  title: staffWords.signedOut,
  content: links.map(({ label, href }) => linkButton(label, href, 'quiet')),
})
