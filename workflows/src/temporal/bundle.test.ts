import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contentHash } from './bundle.ts'

/** A bundle is built once for each state of its sources: what the hash does not see would run as it was before. */

let room = ''
beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), 'countermand-sources-'))
  await mkdir(join(room, 'run/deep'), { recursive: true })
  await writeFile(join(room, 'page.ts'), 'export const page = 1')
  await writeFile(join(room, 'run/deep/turn.ts'), 'export const turn = 1')
})
afterEach(() => rm(room, { recursive: true }))

test.each(['page.ts', 'run/deep/turn.ts'])('a change of %s asks for a new bundle', async (file) => {
  const before = await contentHash([room])
  expect(await contentHash([room])).toBe(before)
  await writeFile(join(room, file), 'export const changed = 2')
  expect(await contentHash([room])).not.toBe(before)
})

test('so does a file that moves to another room', async () => {
  const before = await contentHash([room])
  await rename(join(room, 'run/deep/turn.ts'), join(room, 'run/turn.ts'))
  expect(await contentHash([room])).not.toBe(before)
})

test('a change of a test asks for none', async () => {
  const before = await contentHash([room])
  await writeFile(join(room, 'run/deep/turn.test.ts'), 'test')
  expect(await contentHash([room])).toBe(before)
})
