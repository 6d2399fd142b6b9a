/** A column of a table. Categories are known by their place in the list; what is not in it counts as missing. */
export type Feature =
  | {
      readonly name: string
      readonly kind: 'number'
      /** The score must not fall (1) or not rise (-1) when this number grows and the others stay. */
      readonly monotone?: 1 | -1 | undefined
    }
  | { readonly name: string; readonly kind: 'category'; readonly categories: readonly string[] }

/** What is written in one row of a column; `undefined`: nobody knows. */
export type Cell = number | string | undefined

/** Rows of numbers, by column. A category is its place in the feature's list; missing is NaN. */
export interface Table {
  readonly features: readonly Feature[]
  readonly columns: readonly Float64Array[]
  readonly rows: number
}

/** What a table is made of before its categories are known. */
export type Plan = readonly (
  | { readonly name: string; readonly kind: 'number'; readonly monotone?: 1 | -1 }
  | { readonly name: string; readonly kind: 'category' }
)[]

/** The features of training data: each category that occurs, the most frequent first, equals by name. */
export const featuresOf = (plan: Plan, rows: readonly (readonly Cell[])[]): Feature[] =>
  plan.map((column, nth): Feature => {
    if (column.kind === 'number') return column
    const counts = new Map<string, number>()
    for (const row of rows) {
      const cell = row[nth]
      if (cell !== undefined) counts.set(String(cell), (counts.get(String(cell)) ?? 0) + 1)
    }
    const categories = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name)
    return { ...column, categories }
  })

/** Writes rows as numbers. What a feature does not know, also a category of another day, is NaN. */
export const tableOf = (features: readonly Feature[], rows: readonly (readonly Cell[])[]): Table => ({
  features,
  rows: rows.length,
  columns: features.map((feature, nth) => {
    if (feature.kind === 'number') return Float64Array.from(rows, (row) => toNumber(row[nth]))
    const places = new Map(feature.categories.map((name, place) => [name, place]))
    return Float64Array.from(rows, (row) => {
      const cell = row[nth]
      return cell === undefined ? Number.NaN : (places.get(String(cell)) ?? Number.NaN)
    })
  }),
})

const toNumber = (cell: Cell): number => (typeof cell === 'number' ? cell : Number.NaN)

/** One row of a table. */
export const rowOf = ({ columns }: Table, row: number): Float64Array =>
  Float64Array.from(columns, (column) => column[row] ?? Number.NaN)

/** The rows of these numbers, in this order. */
export const rowsOf = ({ features, columns }: Table, picked: Int32Array): Table => ({
  features,
  rows: picked.length,
  columns: columns.map((column) => Float64Array.from(picked, (row) => column[row] ?? Number.NaN)),
})
