import { findProgram } from '@countermand/tools/stack/programs.ts'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** No sandbox of its own: containers do not allow it to root, and it sees nothing but our own pages. */
const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

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

/** Starts it without a window; the caller closes it. */
export const openChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: flags, headless: true, timeout: 60_000 })
