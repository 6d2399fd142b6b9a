import { attribute, type Html, html, type Piece } from './html.ts'
import type { Surroundings } from './page.ts'
import type { Speech } from './speech.ts'

/** The field in which a form proves for which session it was made. */
export const formKeyField = 'form-key'

/** The field with a form’s own id: sent twice, it is taken once. */
export const onceField = 'once'

export interface Form {
  readonly action: string
  /** `get`: it asks and changes nothing, so that it may be sent and gone back to as often as one likes. */
  readonly method: 'get' | 'post'
  readonly fields: Piece
}

/** Goes without the browser's own checks: ours are said in the reader's language, on the page. */
export const form = (
  { action, method, fields }: Form,
  { formKey, once }: Pick<Surroundings, 'formKey' | 'once'>,
): Html => {
  const own = html`${formKey !== undefined && hidden(formKeyField, formKey)}${hidden(onceField, once)}`
  return html`<form action="${action}" method="${method}" novalidate>${method === 'post' && own}${fields}</form>`
}

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

/** What is wrong with what was sent, by the id of its field. */
export interface Invalid {
  readonly field: string
  readonly detail: string
}

/** Above a form that was not taken; it gets the focus. */
export const errorSummary = (errors: readonly Invalid[], { words }: Speech): Html | undefined =>
  errors.length === 0
    ? undefined
    : html`<div class="note note-bad" role="alert" tabindex="-1" autofocus><h2>${words.common.problem}</h2><ul>${errors.map(
        ({ field, detail }) => html`<li><a href="#${field}">${detail}</a></li>`,
      )}</ul></div>`

export interface Choice {
  readonly value: string
  readonly label: string
  readonly help?: string | undefined
}

/** One of several. The first one has the id of the field, for the summary of errors. */
export const radios = ({
  name,
  legend,
  choices,
  chosen,
}: {
  readonly name: string
  readonly legend: string
  readonly choices: readonly Choice[]
  readonly chosen: string | undefined
}): Html =>
  html`<fieldset><legend>${legend}</legend>${choices.map(
    ({ value, label, help }, place) =>
      html`<label class="choice"><input type="radio" name="${name}" value="${value}"${attribute('id', place === 0 && name)}${attribute('checked', value === chosen)}><span>${label}${help !== undefined && html`<small>${help}</small>`}</span></label>`,
  )}</fieldset>`

/** How many: a list, which needs no typing and works everywhere. */
export const amountSelect = (
  {
    id,
    name,
    label,
    most,
    chosen,
  }: {
    readonly id: string
    readonly name: string
    readonly label: string
    readonly most: number
    readonly chosen: number
  },
  { number }: Speech,
): Html =>
  html`<select name="${name}" id="${id}" aria-label="${label}">${Array.from(
    { length: most + 1 },
    (_, each) => most - each,
  ).map(
    (each) => html`<option value="${each}"${attribute('selected', each === chosen)}>${number(each)}</option>`,
  )}</select>`

export const textArea = ({
  name,
  label,
  value = '',
  most,
  help,
  id = name,
  rows = 3,
}: {
  readonly name: string
  readonly label: string
  readonly value?: string | undefined
  readonly most: number
  readonly help?: string | undefined
  readonly rows?: number
  /** Where several forms of a page have one of this name. */
  readonly id?: string
}): Html =>
  html`<label class="field" for="${id}">${label}</label>${help !== undefined && html`<small id="${id}-help">${help}</small>`}<textarea id="${id}" name="${name}" rows="${rows}" maxlength="${most}"${attribute('aria-describedby', help !== undefined && `${id}-help`)}>${value}</textarea>`

/** One of several, in little room. */
export const select = ({
  name,
  label,
  choices,
  chosen,
  id = name,
}: {
  readonly name: string
  readonly label: string
  readonly choices: readonly Choice[]
  readonly chosen: string | undefined
  readonly id?: string
}): Html =>
  html`<label class="field" for="${id}">${label}</label><select id="${id}" name="${name}">${choices.map(
    (each) => html`<option value="${each.value}"${attribute('selected', each.value === chosen)}>${each.label}</option>`,
  )}</select>`

export const textField = ({
  name,
  label,
  value = '',
  type = 'text',
  autocomplete,
  help,
  id = name,
}: {
  readonly name: string
  readonly label: string
  readonly value?: string | undefined
  readonly type?: 'text' | 'email' | 'date'
  readonly autocomplete: string
  readonly help?: string | undefined
  readonly id?: string
}): Html =>
  html`<label class="field" for="${id}">${label}</label>${help !== undefined && html`<small id="${id}-help">${help}</small>`}<input id="${id}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"${attribute('aria-describedby', help !== undefined && `${id}-help`)}>`

/** The one deed of a page. */
export const button = (label: string, kind: 'primary' | 'danger' | 'quiet' = 'primary'): Html =>
  html`<button type="submit" class="button button-${kind}">${label}</button>`

export const linkButton = (label: string, href: string, kind: 'primary' | 'danger' | 'quiet' = 'primary'): Html =>
  html`<a class="button button-${kind}" href="${href}">${label}</a>`
