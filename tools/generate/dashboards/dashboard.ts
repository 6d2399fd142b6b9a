/** A dashboard as one page of code; Grafana's own JSON has twenty lines for each of these. */
export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Row[]
}

interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Panel {
  readonly title: string
  readonly description?: string
  /** A line over time, or the latest value alone. */
  readonly kind?: 'timeseries' | 'stat'
  readonly unit?: 's' | 'short' | 'reqps' | 'percentunit' | 'bytes'
  readonly queries: readonly Query[]
}

interface Query {
  readonly expr: string
  /** With labels: `{{stage}}`. */
  readonly legend: string
}

const datasource = { type: 'prometheus', uid: 'prometheus' } as const
const columns = 24
const heightOf = { timeseries: 8, stat: 4 } as const

const targets = (queries: readonly Query[]) =>
  queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat: legend,
    range: true,
  }))

const styleOf = (kind: NonNullable<Panel['kind']>) =>
  kind === 'stat'
    ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', textMode: 'auto' }
    : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } }

const panelJson = (panel: Panel, id: number, gridPos: object) => {
  const { title, description = '', kind = 'timeseries', unit = 'short', queries } = panel
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos,
    targets: targets(queries),
    fieldConfig: { defaults: { unit, min: 0, custom: kind === 'stat' ? {} : { fillOpacity: 10 } }, overrides: [] },
    options: styleOf(kind),
  }
}

const rowsJson = (rows: readonly Row[]) => {
  let y = 0
  let id = 0
  return rows.flatMap((row) => {
    const header = {
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { h: 1, w: columns, x: 0, y: y++ },
      panels: [],
    }
    const height = Math.max(...row.panels.map(({ kind = 'timeseries' }) => heightOf[kind]))
    const w = Math.floor(columns / row.panels.length)
    const panels = row.panels.map((panel, place) => panelJson(panel, ++id, { h: height, w, x: place * w, y }))
    y += height
    return [header, ...panels]
  })
}

/** The dashboard as Grafana provisions it. */
export const dashboardJson = ({ uid, title, description, rows }: Dashboard): string =>
  `${JSON.stringify(
    {
      uid,
      title,
      description,
      tags: ['countermand'],
      schemaVersion: 39,
      version: 1,
      editable: false,
      graphTooltip: 1,
      refresh: '30s',
      time: { from: 'now-1h', to: 'now' },
      links: [{ type: 'dashboards', tags: ['countermand'], title: 'Countermand', asDropdown: false }],
      templating: { list: [] },
      annotations: { list: [] },
      panels: rowsJson(rows),
    },
    undefined,
    2,
  )}\n`

/** A quantile of a histogram, by a label. */
export const quantile = (q: number, histogram: string, by: string): string =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${histogram}_bucket[$__rate_interval])))`

/** Events a second, by a label. */
export const perSecond = (counter: string, by: string): string => `sum by (${by}) (rate(${counter}[$__rate_interval]))`
