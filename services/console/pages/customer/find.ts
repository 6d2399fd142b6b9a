import { button, errorSummary, form, type Invalid, textField } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs } from './parts.ts'

/** C8: an order is looked up by its number and its customer's address, to which a link goes. */
export const findPage = (
  {
    order = '',
    email = '',
    errors = [],
  }: { readonly order?: string; readonly email?: string; readonly errors?: readonly Invalid[] },
  around: Surroundings,
): Page => {
  const { words } = around.speech
  const fields = html`${textField({ name: 'order', label: words.find.order, value: order, autocomplete: 'off' })}
${textField({ name: 'email', label: words.find.email, value: email, type: 'email', autocomplete: 'email', help: words.find.emailHelp })}
${button(words.find.go)}`
  return {
    title: words.find.title,
    content: html`<p class="lead">${words.find.lead}</p>
${errorSummary(errors, around.speech)}
${form({ action: hrefs.find, method: 'post', fields }, around)}`,
  }
}

/** The same answer, whether there is such an order or not. */
export const foundPage = ({ speech: { words } }: Surroundings): Page => ({
  title: words.find.sentTitle,
  content: html`<p class="note note-info lead" role="status">${words.find.sent}</p><p class="soft">${words.find.nothing}</p>`,
})
