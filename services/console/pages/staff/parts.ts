import { staffWords } from '../../words/staff.ts'
import { form } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import type { Surroundings } from '../kit/page.ts'

/** What pages of staff share. */

export const staffHrefs = {
  inbox: '/inbox',
  search: '/',
  case: (orderId: string) => `/cases/${encodeURIComponent(orderId)}`,
  takeBack: (orderId: string) => `/cases/${encodeURIComponent(orderId)}/withdrawal`,
  signIn: (to: string) => `/auth/sign-in?${new URLSearchParams({ to })}`,
  signOut: '/auth/sign-out',
} as const

/** Who is signed in, and the way around. */
export const bar = (name: string, around: Surroundings): Html =>
  html`<nav class="tabs" aria-label="${around.shop.name}"><a href="${staffHrefs.inbox}">${staffWords.inbox}</a><a href="${staffHrefs.search}">${staffWords.search}</a></nav>
${form({ action: staffHrefs.signOut, method: 'post', fields: html`<p class="soft">${staffWords.signedIn(name)} <button type="submit" class="button button-quiet">${staffWords.signOut}</button></p>` }, around)}`

export const time = (at: string, said: string): Html => html`<time datetime="${at}">${said}</time>`

/** A button that says which of several deeds a form is sent for. */
export const deed = (name: string, value: string, label: Piece, kind: 'primary' | 'danger' | 'quiet'): Html =>
  html`<button type="submit" name="${name}" value="${value}" class="button button-${kind}">${label}</button>`
