import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Fetching } from './cache.ts'
import { goFlags, platform, requireGo, withProgress } from './fetch.ts'
import { findProgram, run } from './programs.ts'
import { pinned } from './versions.ts'

/**
 * promtool, which checks Prometheus' rules, configurations and metrics: from the PATH, the cache, or built with Go. `go install` refuses
 * it, because its go.mod excludes modules: it is built from an empty module that requires it, with the one way to discover targets
 * that deploy/prometheus/prometheus.yml uses.
 */
export const fetchPromtool = async (fetching: Fetching): Promise<string> => {
  const installed = await findProgram('promtool', fetching.env)
  if (installed !== undefined) return installed
  const directory = await cached(fetching, `promtool-${pinned.prometheus}-${platform}`, async (building) => {
    const go = await requireGo('promtool', fetching)
    const work = await mkdtemp(join(building, 'module-'))
    // Prometheus 3.x.y is version 0.3xx.y of its Go module.
    const [, minor = '', patch = ''] = pinned.prometheus.split('.')
    const required = `github.com/prometheus/prometheus v0.3${minor.padStart(2, '0')}.${patch}`
    await writeFile(join(work, 'go.mod'), `module fetch\n\ngo 1.25.0\n\nrequire ${required}\n`)
    const env = { ...fetching.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
    const output = ['-o', join(building, 'promtool')]
    const args = [...goFlags, '-tags=remove_all_sd,enable_dns_sd', ...output]
    await withProgress(fetching, 'building promtool with Go', 110, () =>
      run(go, ['build', ...args, 'github.com/prometheus/prometheus/cmd/promtool'], {
        env,
        cwd: work,
        signal: fetching.signal,
      }),
    )
    await rm(work, { recursive: true })
  })
  return join(directory, 'promtool')
}
