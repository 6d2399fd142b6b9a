import type { Fetching } from './cache.ts'
import { findProgram, run } from './programs.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The browser of this machine, by `CHROMIUM_PATH` or from the PATH; `undefined`: there is none. */
export const findChromium = async (env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH
  for (const name of names) {
    const found = await findProgram(name, env)
    if (found !== undefined) return found
  }
  return undefined
}

/** What to do where there is none. */
export const noChromium = `expected Chromium by CHROMIUM_PATH or as one of ${names.join(', ')} on the PATH; on Debian: apt-get install chromium`

/**
 * Sees to it that tests find a browser: where none is installed, it is installed as Debian's package, if whoever runs this may. The tests
 * that need it are skipped where it cannot be had, so nothing is thrown.
 */
export const fetchChromium = async ({ env, log, signal }: Fetching): Promise<void> => {
  if ((await findChromium(env)) !== undefined) return
  const apt = process.getuid?.() === 0 ? await findProgram('apt-get', env) : undefined
  if (apt === undefined) return log(`the Temporal UI will not be looked at: ${noChromium}`)
  log('installing Chromium with apt-get (once; usually about 20 s)')
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, timeoutMs: 180_000 }
  try {
    await run(apt, ['update', '-qq'], options)
    await run(apt, ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options)
  } catch (error) {
    signal?.throwIfAborted()
    const why = error instanceof Error ? error.message.split('\n')[0] : error
    log(`Chromium could not be installed: ${why}; the Temporal UI will not be looked at`)
  }
}
