import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const configuration = join(root, '.dependency-cruiser.mjs')
export const folders = ['shared', 'services', 'workflows', 'tools', 'tests']

const report = z.object({
  modules: z.array(
    z.object({
      source: z.string(),
      dependencies: z.array(z.object({ resolved: z.string(), dependencyTypes: z.array(z.string()) })),
    }),
  ),
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
})
export type Cruise = z.infer<typeof report>

/** What dependency-cruiser finds under a directory, by this repository's rules. */
export const cruise = (directory: string, paths: readonly string[] = folders): Promise<Cruise> =>
  new Promise((resolve, reject) => {
    const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
    const args = [program, '--config', configuration, '--output-type', 'json', ...paths]
    // It exits with the number of violations: what it says counts.
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      try {
        resolve(report.parse(JSON.parse(stdout)))
      } catch (cause) {
        reject(new Error(`expected dependency-cruiser's report, got: ${error?.message ?? ''} ${stderr}`, { cause }))
      }
    })
  })

let repository: Promise<Cruise> | undefined

/** The same of this repository, which is looked at once for all tests of a process. */
export const cruiseRepository = (): Promise<Cruise> => {
  repository ??= cruise(root)
  return repository
}

/** All that a file loads at run time, itself included: imports of types are erased. */
export const loadedBy = ({ modules }: Pick<Cruise, 'modules'>, entry: string): ReadonlySet<string> => {
  const bySource = new Map(modules.map((module) => [module.source, module]))
  const loaded = new Set([entry])
  // A set that grows while it is walked is walked to its new end.
  for (const source of loaded)
    for (const { resolved, dependencyTypes } of bySource.get(source)?.dependencies ?? [])
      if (!dependencyTypes.includes('type-only')) loaded.add(resolved)
  return loaded
}
