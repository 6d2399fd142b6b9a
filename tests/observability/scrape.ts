/** One value of a metric. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What a process says of one of its metrics. */
export interface Described {
  readonly name: string
  readonly type: string
  readonly help: string
}

/** What a process serves on `/metrics`. */
export interface Scrape {
  readonly text: string
  readonly samples: readonly Sample[]
  readonly described: readonly Described[]
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]))

const parse = (text: string): Scrape => {
  const lines = text.split('\n')
  const types = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? []
      return name === undefined || type === undefined ? [] : [[name, type]]
    }),
  )
  return {
    text,
    samples: lines.flatMap((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      return name === undefined ? [] : [{ name, labels: labelsOf(labels), value: Number(value) }]
    }),
    described: lines.flatMap((line) => {
      const [, name = '', help = ''] = /^# HELP (\S+) ?(.*)$/.exec(line) ?? []
      const type = types.get(name)
      return type === undefined ? [] : [{ name, type, help }]
    }),
  }
}

export const scrape = async (address: string): Promise<Scrape> => {
  const response = await fetch(`${address}/metrics`)
  return parse(await response.text())
}

/** The sum of a metric's samples that have these labels; `undefined`: there are none. */
export const totalOf = (
  { samples }: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined => {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}
