import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type Logger } from '@temporalio/worker'
import { dataConverter } from '../runs/data-converter.ts'

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const workflowsPath = pathOf('../saga/workflows.ts')

const require = createRequire(import.meta.url)

/** Where all that may go into the bundle lies: our sources, in rooms within rooms. */
export const sourceRooms: readonly string[] = [
  dirname(workflowsPath),
  pathOf('../protocol'),
  dirname(require.resolve('@countermand/contracts/package.json')),
]

const isSource = (name: string): boolean =>
  name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('node_modules')

/** Of the sources below these directories, by their paths and contents, and of the SDK by its version. */
export const contentHash = async (rooms: readonly string[]): Promise<string> => {
  const hash = createHash('sha256').update(await readFile(require.resolve('@temporalio/workflow/package.json')))
  for (const room of rooms)
    for (const name of (await readdir(room, { recursive: true })).filter(isSource).toSorted())
      hash
        .update(name)
        .update('\0')
        .update(await readFile(join(room, name)))
  return hash.digest('hex').slice(0, 32)
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The workflow as one file, built once for each state of its sources: it takes seconds. Returns its path. */
export const workflowBundle = async (directory: string, logger: Logger): Promise<{ readonly codePath: string }> => {
  const codePath = join(directory, `workflows-${await contentHash(sourceRooms)}.js`)
  if (await exists(codePath)) return { codePath }
  const { code } = await bundleWorkflowCode({
    ...{ workflowsPath, workflowInterceptorModules: [workflowsPath], ...dataConverter, logger },
    preloadModules: [pathOf('../saga/call-stacks.ts')],
  })
  await mkdir(directory, { recursive: true })
  // Two processes may build it at once: each renames a whole file to the same name.
  const building = `${codePath}.${process.pid}`
  await writeFile(building, code)
  await rename(building, codePath)
  return { codePath }
}
