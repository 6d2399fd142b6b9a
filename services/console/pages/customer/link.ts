import type { CustomerScope, Link } from '../../store/links.ts'
import { button, form, linkButton } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'
import { hrefs, named } from './parts.ts'

const lead = (scope: CustomerScope, { words }: Surroundings['speech']) =>
  'orderId' in scope ? words.link.lead(scope.orderId) : words.link.leadAll

/** C1: a link, looked at. Programs that look at all links of a mail use nothing up: it is used by a button. */
export const linkPage = (link: Link, path: string, around: Surroundings): Page => {
  const { words, moment } = around.speech
  return {
    title: words.link.title,
    content: html`<p class="lead">${named(lead(link.scope, around.speech))}</p>
${form({ action: path, method: 'post', fields: button(words.link.go) }, around)}
<p class="soft">${words.link.until(moment(link.expiresAt))}</p>`,
  }
}

/** A link that opens nothing, and why; or a session that is over. */
export const closedLinkPage = (why: 'expired' | 'used' | 'unknown' | 'signedOut', around: Surroundings): Page => {
  const { words } = around.speech
  return {
    title: words.link[`${why}Title`],
    content: html`<p class="lead">${words.link[why]}</p>
${around.links.some(({ href }) => href === hrefs.find) && linkButton(words.link.find, hrefs.find)}`,
  }
}
