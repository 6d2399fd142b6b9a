import { attribute, type Html, html, type Piece } from './html.ts'
import type { Speech } from './speech.ts'

/** Whose pages these are, as its customers know it. */
export interface Shop {
  readonly name: string
  /** Where customers write to or look, as a link; absent: nobody says. */
  readonly contact?: string | undefined
}

/** What every page of one answer has around it. */
export interface Surroundings {
  readonly speech: Speech
  readonly shop: Shop
  /** Addresses of what pages load. */
  readonly assets: { readonly style: string; readonly script: string }
  /** Those that may be chosen, and the address of this page in each; none: of what was posted. */
  readonly languages: readonly { readonly language: string; readonly name: string; readonly href: string }[]
  /** Links that stand on every page of this side, at its end. */
  readonly links: readonly { readonly label: string; readonly href: string }[]
  /** Where the shop's name leads; absent: nowhere. */
  readonly home?: string | undefined
  /** Beside the shop's name: the ways around, and who is signed in. */
  readonly nav?: Piece
  /** Said above everything: that what is shown is old, and of when. */
  readonly notice?: string | undefined
  /** Makes what a form of this answer sends the same, however often it is sent: a UUID. */
  readonly once: string
  /** Proves that a form was made for this session; absent: there is none. */
  readonly formKey?: string | undefined
}

export interface Page {
  readonly title: string
  /** Between the heading of the page and its end. */
  readonly content: Piece
  /** Above the heading: the way back. */
  readonly back?: { readonly label: string; readonly href: string } | undefined
  /** It is looked at again by the script, as long as something may change; `news`: what is new is offered, and put in by nobody. */
  readonly live?: boolean | 'news'
  /** It has two columns where there is room. */
  readonly isWide?: boolean
}

const footer = ({
  speech: { words, language },
  shop,
  languages,
  links,
}: Surroundings): Html => html`<footer class="foot">
<nav class="foot-links" aria-label="${shop.name}">
${links.map(({ label, href }) => html`<a href="${href}">${label}</a>`)}
${shop.contact !== undefined && html`<a href="${shop.contact}">${words.common.contact}</a>`}
</nav>
${
  languages.length > 1 &&
  html`<nav class="foot-links" aria-label="${words.common.language}">${languages.map(
    (each) =>
      html`<a href="${each.href}" lang="${each.language}" hreflang="${each.language}"${attribute('aria-current', each.language === language && 'true')}>${each.name}</a>`,
  )}</nav>`
}
</footer>`

const header = ({ shop, home, nav }: Surroundings): Html => {
  const name = html`<span class="mark" aria-hidden="true">${[...shop.name][0]}</span><span>${shop.name}</span>`
  return html`<header class="top"><div class="top-in">${home === undefined ? html`<span class="brand">${name}</span>` : html`<a class="brand" href="${home}">${name}</a>`}${nav}</div></header>`
}

/** A whole document. Nothing in it is a style or a script but by address, so that a policy can forbid all others. */
export const documentOf = (page: Page, around: Surroundings): string => {
  const { speech, shop, assets, notice } = around
  const { words, language, direction } = speech
  const isLive = page.live === true || page.live === 'news'
  return html`<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${words.common.page(page.title, shop.name)}</title>
<link rel="stylesheet" href="${assets.style}">
<link rel="icon" href="data:,">
${isLive && html`<script type="module" src="${assets.script}"></script>`}
</head>
<body${attribute('class', page.isWide === true && 'is-wide')}>
<a class="skip" href="#main">${words.common.skip}</a>
${header(around)}
<main id="main" tabindex="-1"${attribute('data-live', page.live === true)}${attribute('data-news', page.live === 'news')}>
${page.back !== undefined && html`<p class="back"><a href="${page.back.href}">${page.back.label}</a></p>`}
<h1>${page.title}</h1>
${notice !== undefined && html`<p class="note note-warn" role="status">${notice}</p>`}
${page.content}
</main>
${isLive && html`<p class="said" role="status" aria-live="polite"></p>`}
${footer(around)}
</body>
</html>
`.text
}
