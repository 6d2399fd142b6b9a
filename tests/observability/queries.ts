import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from './promtool.ts'

const rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) })
const dashboard = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).default([]) })),
})

/** What alert rules and dashboards ask Prometheus, by the file that asks. */
export const writtenQueries = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const alerts = rules.parse(parse(await readFile(join(root, 'deploy/prometheus/alerts.yml'), 'utf8')))
  const directory = 'deploy/grafana/dashboards'
  const files = await readdir(join(root, directory))
  const dashboards = files.map(async (file): Promise<[string, string[]]> => {
    const { panels } = dashboard.parse(JSON.parse(await readFile(join(root, directory, file), 'utf8')))
    return [file, panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))]
  })
  return new Map([
    ['alerts.yml', alerts.groups.flatMap((group) => group.rules.map(({ expr }) => expr))],
    ...(await Promise.all(dashboards)),
  ])
}

/** The metrics that a query names; `up` is Prometheus' own. */
export const namesIn = (query: string): string[] => query.match(/\b(countermand|temporal|nodejs|process)_\w+/g) ?? []
