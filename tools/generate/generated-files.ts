import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openApi } from '@countermand/console/http/openapi.ts'
import { stringify } from 'yaml'
import { asyncApi } from './asyncapi.ts'
import { dashboardJson } from './dashboards/dashboard.ts'
import { overview } from './dashboards/overview.ts'
import { services } from './dashboards/services.ts'
import { temporal } from './dashboards/temporal.ts'
import { exercise } from './exercise.ts'
import { schemaFile } from './json-schema.ts'
import { messages } from './messages.ts'
import { participantRulesPage } from './participant-rules.ts'
import { topicsTable } from './topics-table.ts'

const schemaDirectory = 'docs/schemas'
const notice = '# Generated from shared/contracts by `npm run generate`. Do not edit.\n'
const noticeOfApi = '# Generated from services/console/http/endpoints.ts by `npm run generate`. Do not edit.\n'

const yaml = { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: 'literal', singleQuote: true } as const

/** Every generated file by its path from the root. `version` is that of the contracts. */
export const generatedFiles = (version: string): ReadonlyMap<string, string> =>
  new Map([
    ['docs/topics.md', topicsTable()],
    ['docs/participant-rules.md', participantRulesPage()],
    ['docs/runbooks/exercise.md', exercise()],
    ['docs/asyncapi.yaml', notice + stringify(asyncApi(version), yaml)],
    ['docs/openapi.yaml', noticeOfApi + stringify(openApi(), yaml)],
    ...[overview, services, temporal].map((dashboard): [string, string] => [
      `deploy/grafana/dashboards/${dashboard.uid}.json`,
      dashboardJson(dashboard),
    ]),
    ...messages.map((message): [string, string] => [
      `${schemaDirectory}/${message.name}.schema.json`,
      schemaFile(message),
    ]),
  ])

/** Files in the place of generated ones that nothing generates any more. */
const leftovers = async (root: string, files: ReadonlyMap<string, string>): Promise<string[]> => {
  const present = await readdir(join(root, schemaDirectory)).catch(() => [])
  return present.map((name) => `${schemaDirectory}/${name}`).filter((path) => !files.has(path))
}

/** The generated files under `root` that are not as they would be generated now; empty: all are up to date. */
export const staleFiles = async (root: string, files: ReadonlyMap<string, string>): Promise<string[]> => {
  const stale = await Promise.all(
    [...files].map(async ([path, expected]) => {
      const found = await readFile(join(root, path), 'utf8').catch(() => undefined)
      return found === expected ? [] : [path]
    }),
  )
  return [...stale.flat(), ...(await leftovers(root, files))].toSorted()
}

export const writeFiles = async (root: string, files: ReadonlyMap<string, string>): Promise<void> => {
  for (const path of await leftovers(root, files)) await rm(join(root, path))
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}
