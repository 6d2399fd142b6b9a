import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../architecture/cruise.ts'

const run = promisify(execFile)
const rooms = ['services', 'shared', 'tests/failures', 'workflows', 'tools', 'package.json', 'tsconfig.base.json']
const isLeftOut = (path: string) => /node_modules|[/]recorded[/]|[.]test[.]ts$/.test(path)

/** A copy of the sources, in which a test may write: it has its own packages of ours, and this repository's of others. */
export const copySources = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'countermand-copy-'))
  const at = (path: string) => join(directory, path)
  for (const room of rooms)
    await cp(join(root, room), at(room), { recursive: true, filter: (source) => !isLeftOut(source.slice(root.length)) })
  await mkdir(at('node_modules/@countermand'), { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@countermand') await symlink(join(root, 'node_modules', name), at(join('node_modules', name)))
  for (const room of ['services', 'shared'])
    for (const name of await readdir(at(room)))
      await symlink(at(join(room, name)), at(`node_modules/@countermand/${name}`))
  for (const room of ['tools', 'workflows']) await symlink(at(room), at(`node_modules/@countermand/${room}`))

  const output = async (file: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run(file, args, { cwd: directory }).catch((error: { stdout: string; stderr: string }) => ({
      stdout: error.stdout + error.stderr,
    }))
    return stdout
  }
  return {
    write: async (path: string, content: string) => {
      await mkdir(dirname(at(path)), { recursive: true })
      await writeFile(at(path), content)
    },
    /** Puts a line before, or in the place of, a text that stands there once. */
    edit: async (path: string, text: string, by: string) => {
      const content = await readFile(at(path), 'utf8')
      if (content.split(text).length !== 2) throw new Error(`expected ${text} once in ${path}`)
      await writeFile(
        at(path),
        content.replace(text, () => by),
      )
    },
    /** The files in which the type check of these rooms finds something, each once. */
    typeErrors: async (...include: readonly string[]): Promise<string[]> => {
      const config = { extends: './tsconfig.base.json', include }
      await writeFile(at('tsconfig.json'), JSON.stringify(config))
      const found = await output(join(root, 'node_modules/.bin/tsc'), '--noEmit', '--pretty', 'false')
      const files = [...found.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, file = '']) => file)
      if (files.length === 0 && found.trim() !== '') throw new Error(`expected errors in files, got ${found}`)
      return [...new Set(files)]
    },
    /** What a script in the copy prints, as JSON. */
    play: async (script: string): Promise<unknown> => {
      await writeFile(at('play.ts'), script)
      const printed = await output(process.execPath, 'play.ts')
      try {
        return JSON.parse(printed)
      } catch {
        throw new Error(`expected JSON, got ${printed}`)
      }
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
