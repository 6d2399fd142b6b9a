/** One bar: its length is `value`; `beyond`, when there is one, goes on in a lighter colour. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly beyond?: number
  /** The one that the picture is about. */
  readonly ours: boolean
}

export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

const width = 760
const labelWidth = 250
const barWidth = 380
const rowHeight = 26
const titleHeight = 44
const colours = { ours: '#0b6e4f', other: '#7a869a' } as const

const harmless = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const number = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0))

const drawBar = ({ label, value, beyond, ours }: Bar, largest: number, top: number): string => {
  const length = (of: number) => Math.max(1, (of / largest) * barWidth)
  const colour = ours ? colours.ours : colours.other
  const end = labelWidth + length(beyond ?? value) + 6
  const rect = (of: number, opacity: number) =>
    `<rect x="${labelWidth}" y="${top + 4}" width="${length(of).toFixed(1)}" height="16" fill="${colour}" opacity="${opacity}"/>`
  const said = beyond === undefined ? number(value) : `${number(value)} / ${number(beyond)}`
  return [
    `<text x="${labelWidth - 8}" y="${top + 17}" text-anchor="end"${ours ? ' font-weight="bold"' : ''}>${harmless(label)}</text>`,
    beyond === undefined ? '' : rect(beyond, 0.35),
    rect(value, 1),
    `<text x="${end.toFixed(1)}" y="${top + 17}">${said}</text>`,
  ].join('')
}

const heightOf = ({ bars }: Panel): number => titleHeight + bars.length * rowHeight

const drawPanel = (panel: Panel, top: number): string => {
  const largest = Math.max(...panel.bars.map(({ value, beyond }) => beyond ?? value))
  const title = `<text x="12" y="${top + 28}" font-weight="bold" font-size="15">${harmless(panel.title)}</text>`
  return title + panel.bars.map((bar, row) => drawBar(bar, largest, top + titleHeight + row * rowHeight)).join('\n')
}

/** Panels of horizontal bars, one under the other, as an SVG document that needs nothing else. */
export const draw = (panels: readonly Panel[]): string => {
  const tops = panels.map((_, place) => panels.slice(0, place).reduce((sum, panel) => sum + heightOf(panel), 0))
  const height = panels.reduce((sum, panel) => sum + heightOf(panel), 16)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">
<title>What a saga costs beside its references</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${panels.map((panel, place) => drawPanel(panel, tops[place] ?? 0)).join('\n')}
</svg>
`
}
