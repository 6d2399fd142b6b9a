/** A shop's colour, and what can be read on it. */

const channel = (value: number): number => {
  const share = value / 255
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

/** Relative luminance as WCAG 2.2 has it, of `#rrggbb`. */
const luminance = (colour: string): number => {
  const value = Number.parseInt(colour.slice(1), 16)
  const [red, green, blue] = [value >> 16, (value >> 8) & 0xff, value & 0xff].map(channel)
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
}

/** Contrast of two colours as WCAG 2.2 has it: 1 to 21. */
export const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const [black, white] = ['#000000', '#ffffff']

/** Black or white, whichever is read better: 4.58 at the worst, where WCAG asks for 4.5. */
export const readableOn = (accent: string): string =>
  contrast(accent, white) >= 4.5 || contrast(accent, white) >= contrast(accent, black) ? white : black

/** What a style sheet begins with, for a shop with this accent. */
export const accentStyle = (accent: string): string =>
  `:root{--cm-accent:${accent};--cm-on-accent:${readableOn(accent)}}\n`
