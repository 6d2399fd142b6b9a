import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type Logger } from '@temporalio/worker'

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const workflowsPath = pathOf('./workflows.ts')

const sourcesOf = async (directory: string): Promise<string[]> => {
  const names = await readdir(directory)
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => join(directory, name))
}

/** Of all that may go into the bundle: our sources, and the SDK by its version. */
const contentHash = async (): Promise<string> => {
  const require = createRequire(import.meta.url)
  const contracts = dirname(require.resolve('@countermand/contracts/package.json'))
  const files = [...(await sourcesOf(dirname(workflowsPath))), ...(await sourcesOf(contracts))].toSorted()
  const hash = createHash('sha256').update(await readFile(require.resolve('@temporalio/workflow/package.json')))
  for (const file of files) hash.update(file.split('/').at(-1) ?? file).update(await readFile(file))
  return hash.digest('hex').slice(0, 32)
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The workflow as one file, built once for each state of its sources: it takes seconds. Returns its path. */
export const workflowBundle = async (directory: string, logger: Logger): Promise<{ readonly codePath: string }> => {
  const codePath = join(directory, `workflows-${await contentHash()}.js`)
  if (await exists(codePath)) return { codePath }
  const { code } = await bundleWorkflowCode({
    ...{ workflowsPath, workflowInterceptorModules: [workflowsPath], logger },
    preloadModules: [pathOf('./call-stacks.ts')],
  })
  await mkdir(directory, { recursive: true })
  // Two processes may build it at once: each renames a whole file to the same name.
  const building = `${codePath}.${process.pid}`
  await writeFile(building, code)
  await rename(building, codePath)
  return { codePath }
}
