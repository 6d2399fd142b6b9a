import { serviceName } from '@countermand/contracts'
import { type ProcessName, processNames } from '@countermand/tools/system/index.ts'
import type { Scrape } from './scrape.ts'

const isService = (name: ProcessName) => serviceName.safeParse(name).success

const tellers = (names: readonly ProcessName[]): string => {
  if (names.length === processNames.length) return 'all'
  const services = serviceName.options
  const rest = names.filter((name) => !isService(name))
  return services.every((name) => names.includes(name)) ? ['the services', ...rest].join(', ') : names.join(', ')
}

/** The rows of docs/metrics.md, as the processes themselves describe their metrics. */
export const metricsTable = (scrapes: Readonly<Record<ProcessName, Scrape>>): string[] => {
  const found = processNames.flatMap((process) => scrapes[process].described.map((each) => ({ ...each, process })))
  const own = found.filter(({ name }) => name.startsWith('countermand_'))
  return [...Map.groupBy(own, ({ name }) => name)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, told]) => {
      const [{ type = '', help = '' } = {}] = told
      return `| \`${name}\` | ${type} | ${tellers(told.map(({ process }) => process))} | ${help} |`
    })
}
