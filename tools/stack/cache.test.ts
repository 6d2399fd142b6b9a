import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cached, type Fetching } from './cache.ts'

let directory = ''
let fetching: Fetching

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countermand-cache-'))
  fetching = { env: { XDG_CACHE_HOME: directory }, log: () => undefined }
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const entries = () => readdir(join(directory, 'countermand'))

describe('the cache', () => {
  it('builds an entry once for two that want it at the same time', async () => {
    let builds = 0
    const build = async (building: string) => {
      builds += 1
      await new Promise((resolve) => setTimeout(resolve, 100))
      await writeFile(join(building, 'program'), 'complete')
    }
    const found = await Promise.all([cached(fetching, 'part-1', build), cached(fetching, 'part-1', build)])
    expect(builds).toBe(1)
    expect(found[0]).toBe(found[1])
    expect(await readFile(join(found[0], 'program'), 'utf8')).toBe('complete')
    expect(await entries()).toEqual(['part-1'])
  })

  it('leaves nothing of a build that failed, and builds again', async () => {
    const failing = cached(fetching, 'part-1', async (building) => {
      await writeFile(join(building, 'half'), '')
      throw new Error('no network')
    })
    await expect(failing).rejects.toThrow('no network')
    expect(await entries()).toEqual([])
    await cached(fetching, 'part-1', async () => undefined)
    expect(await entries()).toEqual(['part-1'])
  })

  it('does not wait for a process that died while it was building', async () => {
    const longGone = 2 ** 22 + 1
    await mkdir(join(directory, 'countermand'))
    await writeFile(join(directory, 'countermand', 'part-1.lock'), String(longGone))
    await cached(fetching, 'part-1', async () => undefined)
    expect(await entries()).toEqual(['part-1'])
  })
})
