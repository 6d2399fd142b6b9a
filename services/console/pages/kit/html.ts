/** HTML that is made of templates, in which whatever comes from outside is text: nothing but a template makes HTML. */

const made = Symbol('html')

export interface Html {
  readonly [made]: true
  readonly text: string
}

/** What stands in a template: nothing, text (escaped), HTML, or several of them. */
export type Piece = string | number | Html | false | undefined | readonly Piece[]

const escapes: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
}

/** Text as it stands between tags, and in attributes in quotes. */
export const escapeText = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

const isList = (piece: Piece): piece is readonly Piece[] => Array.isArray(piece)

const textOf = (piece: Piece): string => {
  if (piece === false || piece === undefined) return ''
  if (isList(piece)) return piece.map(textOf).join('')
  return typeof piece === 'object' && made in piece ? piece.text : escapeText(String(piece))
}

/** A template of HTML. Attributes stand in quotes: `<a href="${where}">`. */
export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html => ({
  [made]: true,
  text: strings.reduce((text, part, place) => `${text}${textOf(pieces[place - 1])}${part}`),
})

/** An attribute that is there or is not: `${attribute('checked', isChecked)}`. */
export const attribute = (name: string, value: string | boolean | undefined): Html | undefined => {
  if (value === false || value === undefined) return undefined
  return { [made]: true, text: value === true ? ` ${name}` : ` ${name}="${escapeText(value)}"` }
}
