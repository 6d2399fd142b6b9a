import { type Html, html } from './html.ts'

/** Signs beside words, never in their place. */
const shapes = {
  check: html`<path d="M5 12.5l4.5 4.5L19 7.5"/>`,
  clock: html`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`,
  dot: html`<circle cx="12" cy="12" r="3.5" fill="currentColor"/>`,
  ring: html`<circle cx="12" cy="12" r="8.5"/>`,
  cross: html`<path d="M7 7l10 10M17 7L7 17"/>`,
  minus: html`<path d="M6 12h12"/>`,
  box: html`<path d="M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8"/>`,
  money: html`<rect x="3.5" y="6" width="17" height="12" rx="2"/><path d="M3.5 10h17"/>`,
  alert: html`<path d="M12 4.5L21 19.5H3zM12 10v4.5M12 16.8v.4"/>`,
} as const
export type IconName = keyof typeof shapes

export const icon = (name: IconName): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes[name]}</svg>`
