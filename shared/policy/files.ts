import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Library } from './library.ts'
import { PolicyError } from './read/problem.ts'
import { readLibrary } from './read/read-library.ts'

/** Where this repository keeps its packs. */
export const policiesDirectory = fileURLToPath(new URL('../../policies', import.meta.url))

/** The files of a folder of policies, by their path in it. */
export const policyFiles = (directory: string = policiesDirectory): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .toSorted()
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(directory, path), 'utf8')]),
  )

const readFrom = (directory: string): Library => {
  const read = readLibrary(policyFiles(directory))
  if (!read.ok) throw new PolicyError(read.problems)
  return read.library
}

let ours: Library | undefined

/** Reads the policies of a folder, this repository's own once. Throws {@link PolicyError} with every problem, each with file and line. */
export const loadLibrary = (directory: string = policiesDirectory): Library => {
  if (directory !== policiesDirectory) return readFrom(directory)
  ours ??= readFrom(directory)
  return ours
}
