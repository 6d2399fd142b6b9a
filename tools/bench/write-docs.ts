import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { draw, type Panel } from './picture.ts'
import { headings, ratioRows, roadRows, runRows } from './report.ts'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url))

/** A run's document, as far as the docs tell it. */
const measured = z.looseObject({
  at: z.string(),
  mode: z.enum(['full', 'quick']),
  seconds: z.number(),
  machine: z.object({ processors: z.number(), model: z.string(), memoryGb: z.number(), system: z.string() }),
  versions: z.record(z.string(), z.string()),
  runs: z.array(
    z.object({
      name: z.string(),
      sagas: z.number(),
      inFlight: z.number(),
      perSecond: z.number(),
      rounds: z.array(z.number()),
      latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
      cpuMsPerSaga: z.record(z.string(), z.number()),
      historyEvents: z.number().nullable(),
      billableActions: z.number().nullable(),
    }),
  ),
  ratios: z.record(z.string(), z.number()),
  spreads: z.record(z.string(), z.tuple([z.number(), z.number()])),
  roads: z.array(
    z.object({
      road: z.string(),
      lane: z.enum(['adaptive', 'slow']),
      billableActions: z.number(),
      historyEvents: z.number(),
    }),
  ),
  notes: z.array(z.string()),
})
type Measured = z.infer<typeof measured>

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

/** Where the processors' time of a saga goes, by process. */
const cpuRows = ({ runs }: Measured): string[][] => {
  const shown = runs.filter(({ name }) => name.includes('in flight'))
  const processes = [...new Set(shown.flatMap(({ cpuMsPerSaga }) => Object.keys(cpuMsPerSaga)))]
  return [
    ['process', ...shown.map(({ name }) => name.split(',')[0] ?? name)],
    ...processes.map((process) => [process, ...shown.map(({ cpuMsPerSaga }) => String(cpuMsPerSaga[process] ?? 0))]),
  ]
}

const figuresOf = (run: Measured): string => {
  const { processors, model, memoryGb, system } = run.machine
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`)
  const [cpuHead = [], ...cpu] = cpuRows(run)
  return [
    `Measured on ${run.at.slice(0, 10)} in ${Math.round(run.seconds / 60)} minutes (${run.mode} run): ${processors} processors (${model}), ${memoryGb} GB, ${system}; ${versions.join(', ')}.`,
    table(headings.ratios, ratioRows(run)),
    table(headings.runs, runRows(run.runs)),
    ...(run.roads.length === 0 ? [] : [table(headings.roads, roadRows(run.roads))]),
    ...(cpu.length === 0 ? [] : ['CPU ms per saga, by process, 64 in flight:', table(cpuHead, cpu)]),
    ...run.notes,
  ].join('\n\n')
}

const panelsOf = ({ runs }: Measured): Panel[] => {
  const named = (part: string) => runs.filter(({ name }) => name.endsWith(part))
  const label = (name: string) => name.split(',')[0] ?? name
  const ours = (name: string) => name.startsWith('Countermand')
  const inFlight = named('in flight').map(({ name, perSecond }) => ({
    ...{ label: label(name), value: perSecond, ours: ours(name) },
  }))
  const alone = named('alone').flatMap(({ name, latencyMs }) =>
    latencyMs === null ? [] : [{ label: label(name), value: latencyMs.p50, beyond: latencyMs.p95, ours: ours(name) }],
  )
  return [
    { title: 'sagas a second, 64 in flight (more is better)', bars: inFlight },
    { title: 'one saga alone, ms from event to end, p50 / p95 (less is better)', bars: alone },
  ].filter(({ bars }) => bars.length > 0)
}

const begin = '<!-- figures: written by `npm run bench -- --document <file>` -->'
const end = '<!-- end of figures -->'

/** Writes the figures of a run (`--json`) into docs/bench.md between its marks, and their picture. Throws when the file is no run. */
export const writeDocs = async (file: string): Promise<void> => {
  const run = measured.parse(JSON.parse(await readFile(file, 'utf8')))
  const page = await readFile(pathOf('bench.md'), 'utf8')
  const [before, rest = ''] = page.split(begin)
  const after = rest.split(end)[1]
  if (after === undefined) throw new Error(`docs/bench.md: expected the marks ${begin} and ${end}`)
  await writeFile(pathOf('bench.md'), `${before}${begin}\n\n${figuresOf(run)}\n\n${end}${after}`)
  await writeFile(pathOf('bench.svg'), draw(panelsOf(run)))
}
